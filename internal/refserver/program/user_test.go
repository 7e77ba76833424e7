package program_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func requireForbidden(t testing.TB, code program.ErrorCode, err error) {
	t.Helper()
	var denied *program.Forbidden
	require.ErrorAs(t, err, &denied)
	require.Equal(t, code, denied.Code)
}

func (f fixture) users(t testing.TB, partner program.Affiliate, having program.SubscriptionStatus) (emails []string) {
	t.Helper()
	page, err := f.Users(partner.CustomerID, program.UserQuery{Having: having, PageQuery: program.PageQuery{Limit: 100}})
	require.NoError(t, err)
	for _, user := range page.Rows {
		emails = append(emails, user.Email)
	}
	return emails
}

func TestAttributionSource(t *testing.T) {
	for name, c := range map[string]struct {
		source program.Source
		attach func(t *testing.T, f fixture, jane program.Affiliate) (customerID string)
	}{
		"a sign-up with the code": {program.SourceReferralCode, func(t *testing.T, f fixture, _ program.Affiliate) string {
			return f.signUp(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "jane"}).ID
		}},
		"a sign-up with the code, after a click and as a lead": {program.SourceReferralCode, func(t *testing.T, f fixture, jane program.Affiliate) string {
			click, err := f.TrackClick(program.ClickParams{Code: "JANE"})
			require.NoError(t, err)
			_, err = f.RegisterDeal(jane.CustomerID, program.DealParams{LeadEmail: "lee@example.com", LeadName: "Lee"})
			require.NoError(t, err)
			return f.signUp(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE", ClickID: click.ID}).ID
		}},
		"a sign-up after a click": {program.SourceClick, func(t *testing.T, f fixture, _ program.Affiliate) string {
			click, err := f.TrackClick(program.ClickParams{Code: "JANE"})
			require.NoError(t, err)
			return f.signUp(t, program.CustomerParams{Email: "lee@example.com", ClickID: click.ID}).ID
		}},
		"a sign-up of a lead": {program.SourceDeal, func(t *testing.T, f fixture, jane program.Affiliate) string {
			_, err := f.RegisterDeal(jane.CustomerID, program.DealParams{LeadEmail: "lee@example.com", LeadName: "Lee"})
			require.NoError(t, err)
			return f.signUp(t, program.CustomerParams{Email: "lee@example.com"}).ID
		}},
		"an approval of a lead": {program.SourceDeal, func(t *testing.T, f fixture, jane program.Affiliate) string {
			_, err := f.RegisterDeal(jane.CustomerID, program.DealParams{LeadEmail: "lee@example.com", LeadName: "Lee"})
			require.NoError(t, err)
			return f.enroll(t, "lee@example.com", "LEE").CustomerID
		}},
		"a sub account": {program.SourceSubAccount, func(t *testing.T, f fixture, jane program.Affiliate) string {
			user, err := f.CreateSubAccount(jane.CustomerID, program.SubAccountParams{Email: "lee@example.com"})
			require.NoError(t, err)
			return user.ID
		}},
		"a sub account of another partner's lead": {program.SourceSubAccount, func(t *testing.T, f fixture, jane program.Affiliate) string {
			john := f.enroll(t, "john@acme.com", "JOHN")
			_, err := f.RegisterDeal(john.CustomerID, program.DealParams{LeadEmail: "lee@example.com", LeadName: "Lee"})
			require.NoError(t, err)
			user, err := f.CreateSubAccount(jane.CustomerID, program.SubAccountParams{Email: "lee@example.com"})
			require.NoError(t, err)
			assert.Equal(t, program.Won, f.dashboard(t, john.CustomerID).RecentDeals[0].Status)
			return user.ID
		}},
		"an existing customer, on the last of the seven days": {program.SourceLinked, func(t *testing.T, f fixture, jane program.Affiliate) string {
			lee := f.signUp(t, program.CustomerParams{Email: "lee@example.com"})
			f.clock.Advance(7*day - time.Nanosecond)
			_, err := f.LinkUser(jane.CustomerID, "LEE@example.com")
			require.NoError(t, err)
			return lee.ID
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture()
			jane := f.enroll(t, "jane@acme.com", "JANE")
			id := c.attach(t, f, jane)
			user, err := f.User(jane.CustomerID, id)
			require.NoError(t, err)
			assert.Equal(t, c.source, user.Source)
			assert.Equal(t, f.clock.Now(), user.AttributedAt)
			assert.Equal(t, jane.ID, user.AffiliateID)
			assert.Equal(t, []string{"lee@example.com"}, f.users(t, jane, ""))
			assert.Equal(t, 1, f.dashboard(t, jane.CustomerID).Customers)
		})
	}
}

func TestLinkUserRefuses(t *testing.T) {
	f := newFixture()
	jane, john := f.enroll(t, "jane@acme.com", "JANE"), f.enroll(t, "john@acme.com", "JOHN")
	f.signUp(t, program.CustomerParams{Email: "own@example.com", ReferralCode: "JANE"})
	f.signUp(t, program.CustomerParams{Email: "other@example.com", ReferralCode: "JOHN"})
	old := f.signUp(t, program.CustomerParams{Email: "old@example.com"})
	f.clock.Advance(7 * day)

	_, err := f.LinkUser(jane.CustomerID, "old@example.com")
	requireForbidden(t, program.ErrorCodeLinkPeriodOver, err)
	_, err = f.LinkUser(jane.CustomerID, "jane@acme.com")
	requireForbidden(t, program.ErrorCodeOwnAccount, err)
	for _, email := range []string{"own@example.com", "other@example.com"} {
		_, err = f.LinkUser(jane.CustomerID, email)
		requireConflict(t, err)
	}
	_, err = f.LinkUser(jane.CustomerID, "nobody@example.com")
	requireNotFound(t, err)
	_, err = f.LinkUser(old.ID, "other@example.com")
	requireNotFound(t, err)
	_, err = f.LinkUser(jane.CustomerID, "nobody")
	requireInvalid(t, err, "email must be an email")
	assert.Equal(t, []string{"own@example.com"}, f.users(t, jane, ""), "a refusal changes nothing")
	assert.Equal(t, []string{"other@example.com"}, f.users(t, john, ""))

	late := f.signUp(t, program.CustomerParams{Email: "late@example.com"})
	_, err = f.LinkUser(john.CustomerID, "jane@acme.com")
	requireForbidden(t, program.ErrorCodeLinkPeriodOver, err)
	_, err = f.LinkUser(jane.CustomerID, late.Email)
	require.NoError(t, err)
	_, err = f.LinkUser(john.CustomerID, late.Email)
	requireConflict(t, err)
}

func TestPaymentsBeforeLinkEarnNothing(t *testing.T) {
	f := newFixture()
	jane := f.enroll(t, "jane@acme.com", "JANE")
	lee := f.signUp(t, program.CustomerParams{Email: "lee@example.com"})
	_, err := f.Subscribe(program.SubscriptionParams{CustomerID: lee.ID, Plan: program.Pro})
	require.NoError(t, err)
	user, err := f.LinkUser(jane.CustomerID, lee.Email)
	require.NoError(t, err)
	assert.Equal(t, program.PlanCounts{Pro: 1}, user.Subscriptions)
	assert.Equal(t, program.Cents(4_00), user.MonthlyValue)
	assert.Zero(t, user.Earned)

	f.clock.Advance(31 * day)
	user, err = f.User(jane.CustomerID, lee.ID)
	require.NoError(t, err)
	assert.Equal(t, program.Cents(4_00), user.Earned, "the renewal earns")
}

func TestUsersArePagedByAttribution(t *testing.T) {
	f := newFixture()
	jane := f.enroll(t, "jane@acme.com", "JANE")
	first := f.signUp(t, program.CustomerParams{Email: "first@example.com"})
	f.signUp(t, program.CustomerParams{Email: "second@example.com", ReferralCode: "JANE"})
	f.signUp(t, program.CustomerParams{Email: "third@example.com", ReferralCode: "JANE"})
	_, err := f.LinkUser(jane.CustomerID, first.Email)
	require.NoError(t, err)

	page, err := f.Users(jane.CustomerID, program.UserQuery{PageQuery: program.PageQuery{Limit: 2}})
	require.NoError(t, err)
	assert.Equal(t, []string{"first@example.com", "third@example.com"}, []string{page.Rows[0].Email, page.Rows[1].Email})
	f.signUp(t, program.CustomerParams{Email: "fourth@example.com", ReferralCode: "JANE"})
	page, err = f.Users(jane.CustomerID, program.UserQuery{PageQuery: program.PageQuery{Limit: 2, Before: page.Next}})
	require.NoError(t, err)
	require.Len(t, page.Rows, 1)
	assert.Equal(t, "second@example.com", page.Rows[0].Email, "a page goes on where the one before ended")
	assert.Zero(t, page.Next)

	_, err = f.Users(jane.CustomerID, program.UserQuery{PageQuery: program.PageQuery{Limit: 2, Before: 100}})
	requireInvalid(t, err, "cursor must be one that an earlier page gave")
	_, err = f.Users(jane.CustomerID, program.UserQuery{Having: program.SubscriptionActive})
	requireInvalid(t, err, "filter must be one of the following values: limit_exceeded, error")
}

func TestUsersBySubscriptionStatus(t *testing.T) {
	exceeded, failed, active, canceled := program.SubscriptionLimitExceeded, program.SubscriptionError, program.SubscriptionActive, program.SubscriptionCanceled
	for name, c := range map[string]struct {
		steps              []program.SubscriptionStatus // of two subscriptions in turn
		exceeding, failing int
	}{
		"active ones":                       {nil, 0, 0},
		"one over its limit":                {[]program.SubscriptionStatus{exceeded}, 1, 0},
		"both over their limit":             {[]program.SubscriptionStatus{exceeded, exceeded}, 2, 0},
		"one of each":                       {[]program.SubscriptionStatus{exceeded, failed}, 1, 1},
		"one that changed its status":       {[]program.SubscriptionStatus{exceeded, active, failed}, 0, 1},
		"one that recovered":                {[]program.SubscriptionStatus{failed, active, active}, 0, 0},
		"one that was canceled in error":    {[]program.SubscriptionStatus{failed, active, canceled}, 0, 0},
		"one canceled, and one still fails": {[]program.SubscriptionStatus{failed, failed, canceled}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture()
			jane := f.enroll(t, "jane@acme.com", "JANE")
			lee := f.signUp(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
			f.signUp(t, program.CustomerParams{Email: "other@example.com", ReferralCode: "JANE"})
			var ids [2]string
			for i := range ids {
				made, err := f.Subscribe(program.SubscriptionParams{CustomerID: lee.ID, Plan: program.Free})
				require.NoError(t, err)
				ids[i] = made.ID
			}
			for i, status := range c.steps {
				_, err := f.UpdateSubscription(ids[i%2], program.SubscriptionChange{Status: status})
				require.NoError(t, err)
			}
			user, err := f.User(jane.CustomerID, lee.ID)
			require.NoError(t, err)
			assert.Equal(t, []int{c.exceeding, c.failing}, []int{user.LimitExceeded, user.Errors})
			listed := func(count int) []string {
				if count == 0 {
					return nil
				}
				return []string{lee.Email}
			}
			assert.Equal(t, listed(c.exceeding), f.users(t, jane, exceeded))
			assert.Equal(t, listed(c.failing), f.users(t, jane, failed))
		})
	}
}

func TestEventsOfCustomers(t *testing.T) {
	f, events := listen()
	jane := f.enroll(t, "jane@acme.com", "JANE")
	require.Len(t, *events, 1, "an approval tells of the customer that it makes")
	lee := f.signUp(t, program.CustomerParams{Email: "lee@example.com", Name: "Lee", ReferralCode: "JANE"})
	sub, err := f.CreateSubAccount(jane.CustomerID, program.SubAccountParams{Email: "sub@example.com"})
	require.NoError(t, err)
	renamed, err := f.RenameCustomer(lee.ID, "Lee Wong")
	require.NoError(t, err)
	_, err = f.RenameCustomer(lee.ID, "Lee Wong")
	require.NoError(t, err)
	_, err = f.RenameCustomer(lee.ID, " ")
	requireInvalid(t, err, "name should not be empty")
	_, err = f.CreateCustomer(program.CustomerParams{Email: "lee@example.com"})
	requireConflict(t, err)

	told := (*events)[1:]
	require.Len(t, told, 3, "a name that stays, and what is refused, is no event")
	assert.Equal(t, []any{program.CustomerCreated, &lee}, []any{told[0].Kind, told[0].Customer})
	assert.Equal(t, []any{program.CustomerCreated, &sub.Customer}, []any{told[1].Kind, told[1].Customer})
	assert.Equal(t, []any{program.CustomerUpdated, &renamed}, []any{told[2].Kind, told[2].Customer})
}
