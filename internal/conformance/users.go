package conformance

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var userCases = []testCase{
	{"a sub account is a customer of the partner's", contract, needKey | needAdmin, aSubAccountIsTheirs},
	{"a sub account of a customer's email is refused", contract, needKey | needAdmin, aSubAccountOfACustomer},
	{"an existing customer is added", contract, needKey | needAdmin, anExistingCustomerIsAdded},
	{"an existing customer is added until a week after its sign-up", contract, needKey | needAdmin | needControl | alone, theLinkPeriod},
	{"an existing customer who is somebody's, the partner or unknown is refused", contract, needKey | needAdmin, refusedLinks},
	{"an invalid email or name is refused", contract, needKey | needAdmin, invalidUsers},
	{"a user says where it came from", contract, needKey | needAdmin | needSession, sourcesOfUsers},
	{"a user has the figures of its subscriptions", contract, needKey | needAdmin | needChange | alone, figuresOfAUser},
	{"a filter shows the users with a subscription in that status", contract, needKey | needAdmin, usersByStatus},
	{"a user's subscriptions have their rate and what they earn in a month", contract, needKey | needAdmin | needChange | alone, subscriptionsOfAUser},
	{"no user has the id link", contract, needKey | needAdmin, noUserIsCalledLink},
}

func aSubAccountIsTheirs(t *testing.T, s *suite) {
	partner, email := s.newPartner(t), newEmail()
	user, err := partner.client.Account.Users.CreateSubAccount(t.Context(), affiliates.CreateSubAccountParams{Email: email, Name: testName})
	require.NoError(t, err)
	assert.Equal(t, email, user.Email)
	assert.Equal(t, testName, user.Name)
	assert.Equal(t, affiliates.UserSourceSubAccount, user.Source)
	assert.Equal(t, affiliates.AccessNone, user.Access)
	assert.Zero(t, user.Subscriptions)
	assert.Zero(t, user.LimitExceeded)
	assert.Zero(t, user.Errors)
	assert.Zero(t, cents(user.MonthlyValue))
	assert.Zero(t, cents(user.Earned))
	requireUTC(t, user.Raw, "createdAt", "attributedAt")
	assert.JSONEq(t, string(user.Raw), string(partner.user(t, user.ID).Raw))

	customer, err := s.admin.Admin.Customers.Get(t.Context(), user.ID)
	require.NoError(t, err)
	assert.Equal(t, partner.ID, customer.AffiliateID)
	assert.Equal(t, 1, partner.dashboard(t).Stats.Customers)
}

func aSubAccountOfACustomer(t *testing.T, s *suite) {
	partner, customer := s.newPartner(t), s.newCustomer(t)
	_, err := partner.client.Account.Users.CreateSubAccount(t.Context(), affiliates.CreateSubAccountParams{Email: strings.ToUpper(customer.email)})
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyExists)
}

func (p partner) addExisting(t *testing.T, email string) (*affiliates.User, error) {
	t.Helper()
	return p.client.Account.Users.AddExisting(t.Context(), affiliates.AddExistingUserParams{Email: email})
}

func anExistingCustomerIsAdded(t *testing.T, s *suite) {
	partner, customer := s.newPartner(t), s.newCustomer(t)
	user, err := partner.addExisting(t, customer.email)
	require.NoError(t, err)
	assert.Equal(t, customer.id, user.ID)
	assert.Equal(t, affiliates.UserSourceLinked, user.Source)
	s.charge(t, customer.id, 100_00)
	assert.Positive(t, cents(partner.user(t, user.ID).Earned))
}

func theLinkPeriod(t *testing.T, s *suite) {
	partner, first, second := s.newPartner(t), s.newCustomer(t), s.newCustomer(t)
	s.target.Control.Advance(7*day - time.Hour)
	_, err := partner.addExisting(t, first.email)
	require.NoError(t, err)
	s.target.Control.Advance(time.Hour)
	_, err = partner.addExisting(t, second.email)
	s.requireErrorIs(t, err, stackbe.ErrForbidden, stackbe.CodeLinkPeriodOver)
	_, err = partner.addExisting(t, first.email)
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyAttributed)
}

func refusedLinks(t *testing.T, s *suite) {
	partner, other := s.newPartner(t), s.newPartner(t)
	own, err := s.admin.Admin.Customers.Get(t.Context(), partner.CustomerID)
	require.NoError(t, err)
	for _, refused := range []struct {
		email  string
		status error
		code   string
	}{
		{newEmail(), stackbe.ErrNotFound, stackbe.CodeCustomerNotFound},
		{own.Email, stackbe.ErrForbidden, stackbe.CodeOwnAccount},
		{other.addUser(t).Email, stackbe.ErrConflict, stackbe.CodeAlreadyAttributed},
		{partner.addUser(t).Email, stackbe.ErrConflict, stackbe.CodeAlreadyAttributed},
	} {
		_, err := partner.addExisting(t, refused.email)
		s.requireErrorIs(t, err, refused.status, refused.code)
	}
}

func invalidUsers(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	session := s.asSession(partner.token)
	post := func(path string, body map[string]any) response {
		return s.send(t, request{method: http.MethodPost, path: accountPath + path, credential: session, body: encode(t, body)})
	}
	s.requireProblems(t, stackbe.CodeInvalidEmail, post("/users", map[string]any{"email": "john"}), "email")
	s.requireProblems(t, stackbe.CodeInvalidEmail, post("/users/link", map[string]any{"email": "john"}), "email")
	s.requireProblems(t, stackbe.CodeMissingRequiredField, post("/users", map[string]any{}), "email")
	s.requireProblems(t, stackbe.CodeMissingRequiredField, post("/users/link", map[string]any{}), "email")
	s.requireProblems(t, stackbe.CodeValidationError, post("/users", map[string]any{"email": newEmail(), "name": strings.Repeat("n", 201)}), "name")
	requireStatus(t, http.StatusCreated, post("/users", map[string]any{"email": newEmail(), "name": strings.Repeat("ä", 200)}))
}

func sourcesOfUsers(t *testing.T, s *suite) {
	partner, lead := s.newPartner(t), newEmail()
	click, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: partner.Code})
	require.NoError(t, err)
	s.registerDeal(t, partner, lead)
	for source, params := range map[affiliates.UserSource]affiliates.CreateCustomerParams{
		affiliates.UserSourceReferralCode: {Email: newEmail(), ReferralCode: partner.Code},
		affiliates.UserSourceClick:        {Email: newEmail(), ClickID: click.ID},
		affiliates.UserSourceDeal:         {Email: lead},
	} {
		customer, err := s.admin.Admin.Customers.Create(t.Context(), params)
		require.NoError(t, err)
		assert.Equal(t, partner.ID, customer.AffiliateID, source)
		assert.Equal(t, source, partner.user(t, customer.ID).Source)
	}
}

func figuresOfAUser(t *testing.T, s *suite) {
	s.terms(t, 30)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	s.subscribe(t, user.ID, affiliates.PlanFree)
	pro := s.subscribe(t, user.ID, affiliates.PlanPro)
	business := s.subscribe(t, user.ID, affiliates.PlanBusiness)
	enterprise := s.subscribe(t, user.ID, affiliates.PlanEnterprise)
	s.update(t, pro.ID, affiliates.UpdateSubscriptionParams{Status: affiliates.SubscriptionLimitExceeded})
	s.update(t, business.ID, affiliates.UpdateSubscriptionParams{Status: affiliates.SubscriptionError})
	s.update(t, enterprise.ID, affiliates.UpdateSubscriptionParams{Status: affiliates.SubscriptionCanceled})

	got := partner.user(t, user.ID)
	assert.Equal(t, affiliates.PlanCounts{Free: 1, Pro: 1, Business: 1}, got.Subscriptions)
	assert.Equal(t, 1, got.LimitExceeded)
	assert.Equal(t, 1, got.Errors)
	assert.EqualValues(t, 24_00, cents(got.MonthlyValue))
	assert.EqualValues(t, 74_00, cents(got.Earned))

	summary := partner.summary(t)
	assert.EqualValues(t, 24_00, cents(summary.MonthlyValue))
	assert.EqualValues(t, 120_00, cents(summary.MonthlyReferralValue))
	assert.Equal(t, affiliates.PlanCounts{Free: 1, Pro: 1, Business: 1}, summary.Subscriptions)
	dashboard := partner.dashboard(t)
	assert.EqualValues(t, 24_00, cents(dashboard.Earnings.MonthlyValue))
	require.Len(t, dashboard.RecentUsers, 1)
	assert.JSONEq(t, string(got.Raw), string(dashboard.RecentUsers[0].Raw))
}

func usersByStatus(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	want := map[affiliates.SubscriptionStatus]string{}
	for _, status := range []affiliates.SubscriptionStatus{affiliates.SubscriptionActive, affiliates.SubscriptionLimitExceeded, affiliates.SubscriptionError} {
		user := partner.addUser(t)
		s.update(t, s.subscribe(t, user.ID, affiliates.PlanPro).ID, affiliates.UpdateSubscriptionParams{Status: status})
		want[status] = user.ID
	}
	for _, status := range []affiliates.SubscriptionStatus{affiliates.SubscriptionLimitExceeded, affiliates.SubscriptionError} {
		page, err := partner.client.Account.Users.List(t.Context(), affiliates.UserFilter{Having: status})
		require.NoError(t, err)
		require.Len(t, page.Data, 1, status)
		assert.Equal(t, want[status], page.Data[0].ID)
	}
}

func subscriptionsOfAUser(t *testing.T, s *suite) {
	s.terms(t, 30)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	for _, one := range []struct {
		params  affiliates.CreateSubscriptionParams
		change  affiliates.UpdateSubscriptionParams
		monthly int64
	}{
		{params: affiliates.CreateSubscriptionParams{Plan: affiliates.PlanFree}},
		{params: affiliates.CreateSubscriptionParams{Plan: affiliates.PlanPro}, monthly: 4_00},
		{params: affiliates.CreateSubscriptionParams{Plan: affiliates.PlanPro}, change: affiliates.UpdateSubscriptionParams{Status: affiliates.SubscriptionError}, monthly: 4_00},
		{params: affiliates.CreateSubscriptionParams{Plan: affiliates.PlanPro, Billing: affiliates.BillingConsolidated}},
		{params: affiliates.CreateSubscriptionParams{Plan: affiliates.PlanPro}, change: paused(true)},
		{params: affiliates.CreateSubscriptionParams{Plan: affiliates.PlanPro}, change: affiliates.UpdateSubscriptionParams{Status: affiliates.SubscriptionCanceled}},
	} {
		one.params.CustomerID = user.ID
		subscription := s.update(t, s.subscribeWith(t, one.params).ID, one.change)
		page, err := partner.client.Account.Users.Subscriptions(t.Context(), user.ID, affiliates.UserSubscriptionFilter{Limit: 1})
		require.NoError(t, err)
		require.Len(t, page.Data, 1)
		newest := page.Data[0]
		assert.Equal(t, subscription.ID, newest.ID)
		assert.Equal(t, subscription.Status, newest.Status)
		assert.Equal(t, "20%", newest.CommissionRate.String())
		assert.Equal(t, one.monthly, cents(newest.MonthlyCommission), "%+v", one)
	}
}

func noUserIsCalledLink(t *testing.T, s *suite) {
	_, err := s.newPartner(t).client.Account.Users.Get(t.Context(), "link")
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeCustomerNotFound)
}
