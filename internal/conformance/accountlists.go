package conformance

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var accountListCases = []testCase{
	{"a list of the account is newest first, with each element once, whatever the limit", contract, needKey | needAdmin | needChange, accountListsArePaged},
	{"a list of payouts is newest first, with each element once, whatever the limit", contract, needKey | needAdmin | needChange | alone, payoutListsArePaged},
	{"a list of the whole app is newest first, with each element once", contract, needKey | needAdmin, appListsArePaged},
	{"twenty are in a page by default", contract, needKey | needAdmin, twentyUsersByDefault},
	{"an unusable limit or cursor is refused", contract, needKey | needAdmin, unusablePagesOfTheAccount},
	{"a cursor of another list, or of another partner's list, is refused", contract, needKey | needAdmin | needChange, cursorsOfAnotherList},
	{"a cursor of a list is accepted under another filter", contract, needKey | needAdmin | needChange, cursorsUnderAnotherFilter},
}

// A listing is a list with elements of its own.
type listing struct {
	path       string
	credential credential
	field      string   // that tells elements apart
	elements   []string // its values, newest first
}

// elements is how many are made for each list.
const elements = 5

// newest makes elements, and gives what tells them apart in the order of lists.
func newest(add func() string) []string {
	all := []string{}
	for range elements {
		all = append([]string{add()}, all...)
	}
	return all
}

func (s *suite) accountListings(t *testing.T) []listing {
	t.Helper()
	partner := s.newPartner(t)
	asPartner, asAdmin := s.asSession(partner.token), s.asAdmin(s.target.AdminToken)
	app := fill(appPath, s.target.AppID, "")

	users := newest(func() string { return partner.addUser(t).ID })
	userID := users[0]
	subscriptions := newest(func() string { return s.subscribe(t, userID, affiliates.PlanFree).ID })
	invoices := newest(func() string { return s.charge(t, userID, 100_00).ID })
	refunds := newest(func() string { return s.refund(t, invoices[0], 1).Refund.ID })
	user := s.signIn(t, userID, "")
	accesses := newest(func() string {
		asked := partner.askForAccess(t, userID)
		_, err := user.client.Account.Access.Decline(t.Context(), asked.ID, affiliates.DecideAccessParams{})
		require.NoError(t, err)
		return asked.ID
	})
	return []listing{
		{accountPath + "/users", asPartner, "id", users},
		{accountPath + "/users/" + userID + "/subscriptions", asPartner, "id", subscriptions},
		{accountPath + "/invoices", asPartner, "id", invoices},
		{accountPath + "/invoices?userId=" + userID, asPartner, "id", invoices},
		{accountPath + "/commissions", asPartner, "invoiceId", invoices},
		{accountPath + "/commissions?status=in_review&userId=" + userID, asPartner, "invoiceId", invoices},
		{accountPath + "/commissions/subscriptions", asPartner, "subscriptionId", subscriptions},
		{accessPath, s.asSession(user.token), "id", accesses},
		{accessPath + "?status=declined", s.asSession(user.token), "id", accesses},
		{app + "/subscriptions?customerId=" + userID, asAdmin, "id", subscriptions},
		{app + "/invoices?customerId=" + userID, asAdmin, "id", invoices},
		{app + "/invoices/" + invoices[0] + "/refunds", asAdmin, "id", refunds},
	}
}

func accountListsArePaged(t *testing.T, s *suite) {
	for _, list := range s.accountListings(t) {
		for _, limit := range []string{"1", "2", "4", "5", "100"} {
			assert.Equal(t, list.elements, s.walkList(t, list, limit), "%s by %s", list.path, limit)
		}
	}
}

func payoutListsArePaged(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 60_00)
	payouts := newest(func() string {
		payout := partner.requestPayout(t)
		s.fail(t, payout.ID, "")
		return payout.ID
	})
	asPartner := s.asSession(partner.token)
	entries := []string{}
	for _, entry := range partner.statement(t) {
		entries = append([]string{entry.ID}, entries...)
	}
	for _, list := range []listing{
		{accountPath + "/payouts", asPartner, "id", payouts},
		{accountPath + "/payouts?status=failed", asPartner, "id", payouts},
		{accountPath + "/statement", asPartner, "id", entries},
	} {
		for _, limit := range []string{"1", "2", "4", "5", "100"} {
			assert.Equal(t, list.elements, s.walkList(t, list, limit), "%s by %s", list.path, limit)
		}
	}
	list := listing{fill(appPath, s.target.AppID, "") + "/affiliates/payouts", s.asAdmin(s.target.AdminToken), "id", payouts}
	assert.Equal(t, payouts, only(payouts, s.walkList(t, list, "2")))
}

func (s *suite) appListings(t *testing.T) []listing {
	t.Helper()
	partners := newest(func() string { return s.enroll(t).ID })
	customers := newest(func() string { return s.newCustomer(t).id })
	app, asAdmin := fill(appPath, s.target.AppID, ""), s.asAdmin(s.target.AdminToken)
	return []listing{
		{app + "/affiliates/partners", asAdmin, "id", partners},
		{app + "/customers", asAdmin, "id", customers},
	}
}

func appListsArePaged(t *testing.T, s *suite) {
	for _, list := range s.appListings(t) {
		assert.Equal(t, list.elements, only(list.elements, s.walkList(t, list, "2")), list.path)
	}
}

// only is what of met is of elements: others add to the lists of an app at the same time.
func only(elements, met []string) []string {
	return slices.DeleteFunc(met, func(id string) bool { return !slices.Contains(elements, id) })
}

// walkList goes from page to page until it has met all elements of the list, and as far as the list
// goes where it should hold no others.
func (s *suite) walkList(t *testing.T, list listing, limit string) []string {
	t.Helper()
	whole := !s.isOfTheApp(list)
	path, err := url.Parse(list.path)
	require.NoError(t, err)
	query := path.Query()
	query.Set("limit", limit)
	met := []string{}
	for {
		path.RawQuery = query.Encode()
		page := s.ok(t, s.get(path.String(), list.credential))
		assertExactly(t, page, "data", "pagination")
		for _, element := range page["data"].([]any) {
			met = append(met, element.(map[string]any)[list.field].(string))
		}
		pagination := page["pagination"].(map[string]any)
		cursor, more := pagination["cursor"].(string)
		assert.Equal(t, pagination["hasMore"], more, "%s: there is more if and only if there is a cursor", path)
		if !more || !whole && len(only(list.elements, slices.Clone(met))) == len(list.elements) {
			return met
		}
		require.NotEmpty(t, page["data"])
		require.Less(t, len(met), 10_000, "%s does not end", list.path)
		query.Set("cursor", cursor)
	}
}

// isOfTheApp reports whether others add to the list.
func (s *suite) isOfTheApp(list listing) bool {
	app := fill(appPath, s.target.AppID, "")
	return list.path == app+"/customers" || list.path == app+"/affiliates/partners" || list.path == app+"/affiliates/payouts"
}

func twentyUsersByDefault(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	for range 21 {
		partner.addUser(t)
	}
	page, err := partner.client.Account.Users.List(t.Context(), affiliates.UserFilter{})
	require.NoError(t, err)
	assert.Len(t, page.Data, 20)
	assert.True(t, page.HasMore)
}

func (e endpoint) isList() bool {
	return e.method == http.MethodGet && slices.Contains([]string{
		accountPath + "/users", accountPath + "/users/{userID}/subscriptions",
		accountPath + "/invoices", accountPath + "/commissions", accountPath + "/commissions/subscriptions",
		accountPath + "/payouts", accountPath + "/statement", accessPath,
		appPath + "/affiliates/partners", appPath + "/affiliates/payouts", appPath + "/customers",
		appPath + "/subscriptions", appPath + "/invoices", appPath + "/invoices/{invoiceID}/refunds",
	}, e.path)
}

func unusablePagesOfTheAccount(t *testing.T, s *suite) {
	s.forEach(t, endpoint.isList, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		path := request.path
		for query, field := range map[string]string{
			"limit=0": "limit", "limit=101": "limit", "limit=-1": "limit", "limit=ten": "limit", "limit=": "limit",
			"cursor=nonsense!": "cursor", "limit=1&limit=2": "limit",
		} {
			request.path = path + "?" + query
			s.requireProblems(t, stackbe.CodeValidationError, s.send(t, request), field)
		}
	})
}

// cursorOf is the cursor of the first page of a list, which has one element.
func (s *suite) cursorOf(t *testing.T, list listing) string {
	t.Helper()
	page := s.ok(t, s.get(withQuery(t, list.path, "limit", "1"), list.credential))
	cursor, _ := page["pagination"].(map[string]any)["cursor"].(string)
	require.NotEmpty(t, cursor, list.path)
	return cursor
}

func withQuery(t *testing.T, path, name, value string) string {
	t.Helper()
	parsed, err := url.Parse(path)
	require.NoError(t, err)
	query := parsed.Query()
	query.Set(name, value)
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

func pathAlone(list listing) string {
	path, _, _ := strings.Cut(list.path, "?")
	return path
}

func cursorsOfAnotherList(t *testing.T, s *suite) {
	lists := append(s.accountListings(t), s.appListings(t)...)
	for i, list := range lists {
		cursor := s.cursorOf(t, list)
		for _, other := range []listing{lists[(i+1)%len(lists)], lists[(i+4)%len(lists)]} {
			if pathAlone(other) != pathAlone(list) {
				got := s.send(t, s.get(withQuery(t, other.path, "cursor", cursor), other.credential))
				s.requireProblems(t, stackbe.CodeValidationError, got, "cursor")
			}
		}
	}
	rival := s.newPartner(t)
	rivals := listing{path: accountPath + "/users", credential: s.asSession(rival.token)}
	newest(func() string { return rival.addUser(t).ID })
	got := s.send(t, s.get(withQuery(t, rivals.path, "cursor", s.cursorOf(t, lists[0])), rivals.credential))
	s.requireProblems(t, stackbe.CodeValidationError, got, "cursor")
}

func cursorsUnderAnotherFilter(t *testing.T, s *suite) {
	for _, list := range s.accountListings(t) {
		if pathAlone(list) == accountPath+"/commissions" {
			path := withQuery(t, accountPath+"/commissions", "plan", string(affiliates.PlanPro))
			s.ok(t, s.get(withQuery(t, path, "cursor", s.cursorOf(t, list)), list.credential))
		}
	}
}
