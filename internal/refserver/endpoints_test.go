package refserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/stackbe/stackbe-go/api"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

const jane = `{"email": "jane@acme.com", "name": "Jane Smith", "company": "Acme", "website": "https://acme.com", "reason": "Friends"}`

func TestApplications(t *testing.T) {
	w := newWorld(t)

	w.want(t, 200, `{"applied": false}`, "GET", "/v1/affiliate/apply/status?email=jane@acme.com", "", w.key())
	applied := w.send(t, "POST", "/v1/affiliate/apply", jane, w.key())
	require.Equal(t, http.StatusCreated, applied.status, applied.body)
	id := applied.json(t)["id"].(string)
	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "status": "pending", "message": "The application has been received and will be reviewed"}`, id), applied.body)
	assert.Regexp(t, `^cm[a-z0-9]{23}$`, id)
	w.want(t, 200, fmt.Sprintf(`{"applied": true, "id": %q, "status": "pending", "createdAt": "2026-03-01T12:00:20Z"}`, id),
		"GET", "/v1/affiliate/apply/status?email=JANE%40acme.com", "", w.key())
	w.refused(t, 409, "POST", "/v1/affiliate/apply", `{"email": "Jane@ACME.com", "name": "Other"}`, w.key())

	pending := fmt.Sprintf(`{"id": %q, "email": "jane@acme.com", "name": "Jane Smith", "company": "Acme", "website": "https://acme.com", "reason": "Friends", "status": "pending", "createdAt": "2026-03-01T12:00:20Z"}`, id)
	w.want(t, 200, pending, "GET", w.path("applications/"+id), "", w.admin())
	w.want(t, 200, `{"data": [`+pending+`], "pagination": {"hasMore": false}}`, "GET", w.path("applications"), "", w.admin())
	w.want(t, 200, `{"data": [], "pagination": {"hasMore": false}}`, "GET", w.path("applications?status=approved"), "", w.admin())
	w.refused(t, 404, "GET", w.path("applications/cm0"), "", w.admin())
	w.refused(t, 404, "POST", w.review("cm0"), `{"action": "approve"}`, w.admin())

	approved := w.send(t, "POST", w.review(id), `{"action": "approve", "code": "jane20"}`, w.admin())
	require.Equal(t, 200, approved.status, approved.body)
	affiliate := approved.json(t)["affiliate"].(map[string]any)
	assert.Regexp(t, `^cust_[a-z0-9]{23}$`, affiliate["customerId"])
	assert.JSONEq(t, fmt.Sprintf(`{
		"application": {"id": %q, "email": "jane@acme.com", "name": "Jane Smith", "company": "Acme", "website": "https://acme.com", "reason": "Friends",
			"status": "approved", "affiliateId": %[2]q, "createdAt": "2026-03-01T12:00:20Z", "reviewedAt": "2026-03-01T12:00:20Z"},
		"affiliate": {"enrolled": true, "id": %[2]q, "customerId": %[3]q, "code": "JANE20", "type": "partner", "status": "active",
			"commissionRate": 20, "totalEarned": 0, "pendingBalance": 0, "createdAt": "2026-03-01T12:00:20Z"}
	}`, id, affiliate["id"], affiliate["customerId"]), approved.body)
	w.refused(t, 409, "POST", w.review(id), `{"action": "approve"}`, w.admin())
	w.refused(t, 409, "POST", w.review(id), `{"action": "reject"}`, w.admin())

	other := w.apply(t, "other@acme.com")
	w.refused(t, 409, "POST", w.review(other), `{"action": "approve", "code": "JANE20"}`, w.admin())
	rejected := w.send(t, "POST", w.review(other), `{"action": "reject", "rejectionReason": "Not a good fit"}`, w.admin()).json(t)
	assert.NotContains(t, rejected, "affiliate")
	assert.Equal(t, "Not a good fit", rejected["application"].(map[string]any)["rejectionReason"])
	w.want(t, 200, fmt.Sprintf(`{"applied": true, "id": %q, "status": "rejected", "rejectionReason": "Not a good fit", "createdAt": "2026-03-01T12:00:20Z", "reviewedAt": "2026-03-01T12:00:20Z"}`, other),
		"GET", "/v1/affiliate/apply/status?email=other@acme.com", "", w.key())
}

func TestPartnerLookup(t *testing.T) {
	w := newWorld(t)
	partner := w.partner(t, "jane@acme.com", "JANE20")
	customer := w.customer(t, program.CustomerParams{Email: "c@example.com", ReferralCode: "JANE20"})
	w.pay(t, customer, 62_50)
	described := fmt.Sprintf(`{"enrolled": true, "id": %q, "customerId": %q, "code": "JANE20", "type": "partner", "status": "active",
		"commissionRate": 20, "totalEarned": 12.5, "pendingBalance": 12.5, "createdAt": "2026-03-01T12:00:20Z"}`, partner.ID, partner.CustomerID)

	byCustomer := w.want(t, 200, described, "GET", "/v1/affiliate/by-customer/"+partner.CustomerID, "", w.key())
	assert.Contains(t, byCustomer.body, `"totalEarned":12.5,`)
	w.want(t, 200, described, "GET", "/v1/affiliate", "", w.session(partner.CustomerID))
	w.want(t, 200, `{"enrolled": false}`, "GET", "/v1/affiliate", "", w.session(customer))
	for _, id := range []string{customer, "cust_unknown", "a%2Fb", "..%2f"} {
		got := w.send(t, "GET", "/v1/affiliate/by-customer/"+id, "", w.key())
		if id != "..%2f" { // the path of that one leads elsewhere
			assert.Equal(t, `{"enrolled":false}`, got.body, id)
		}
	}
}

func TestDashboard(t *testing.T) {
	w := newWorld(t)
	partner := w.partner(t, "jane@acme.com", "JANE20")
	session := w.session(partner.CustomerID)
	empty := w.send(t, "GET", "/v1/affiliate/dashboard", "", session).json(t)
	assert.Equal(t, []any{}, empty["recentDeals"])

	customer := w.customer(t, program.CustomerParams{Email: "c@example.com", ReferralCode: "JANE20"})
	w.pay(t, customer, 401_25)
	w.advance(30 * day)
	w.pay(t, customer, 201_25)
	tracked := w.send(t, "POST", "/v1/affiliate/track", `{"code": "jane20", "url": "https://yoursite.com?ref=JANE20"}`, w.key())
	require.Equal(t, http.StatusCreated, tracked.status, tracked.body)
	assert.JSONEq(t, fmt.Sprintf(`{"clickId": %q, "code": "JANE20", "expiresAt": "2026-04-30T12:00:20Z"}`, tracked.json(t)["clickId"]), tracked.body)
	deal := w.send(t, "POST", "/v1/affiliate/deals", `{"leadEmail": "lead@example.com", "leadName": "Lead", "notes": "Met"}`, session)
	require.Equal(t, http.StatusCreated, deal.status, deal.body)
	dealID := deal.json(t)["id"].(string)
	wantDeal := fmt.Sprintf(`{"id": %q, "leadEmail": "lead@example.com", "leadName": "Lead", "notes": "Met", "status": "registered", "createdAt": "2026-03-31T12:00:20Z"}`, dealID)
	assert.JSONEq(t, wantDeal, deal.body)
	w.refused(t, 409, "POST", "/v1/affiliate/deals", `{"leadEmail": "LEAD@example.com", "leadName": "Lead"}`, session)

	w.want(t, 200, fmt.Sprintf(`{
		"affiliate": {"enrolled": true, "id": %q, "customerId": %q, "code": "JANE20", "type": "partner", "status": "active",
			"commissionRate": 20, "totalEarned": 120.5, "pendingBalance": 120.5, "createdAt": "2026-03-01T12:00:20Z"},
		"referralLink": "https://yoursite.com?ref=JANE20",
		"stats": {"clicks": 1, "customers": 1, "deals": 1},
		"earnings": {"inReview": 40.25, "ready": 80.25},
		"recentDeals": [%s]
	}`, partner.ID, partner.CustomerID, wantDeal), "GET", "/v1/affiliate/dashboard", "", session)
}

func TestCustomerWhoIsNotAPartner(t *testing.T) {
	w := newWorld(t)
	session := w.session(w.customer(t, program.CustomerParams{Email: "c@example.com"}))
	w.refused(t, 404, "GET", "/v1/affiliate/dashboard", "", session)
	w.refused(t, 404, "GET", "/v1/affiliate/portal-link", "", session)
	w.refused(t, 404, "POST", "/v1/affiliate/deals", `{"leadEmail": "lead@example.com", "leadName": "Lead"}`, session)
	w.refused(t, 404, "POST", "/v1/affiliate/track", `{"code": "NOBODY"}`, w.key())
}

func TestSettings(t *testing.T) {
	w := newWorld(t)
	w.want(t, 200, `{"defaultCommissionRate": 20, "holdingPeriodDays": 30, "minPayoutAmount": 50, "cookieDurationDays": 30, "levels": [], "plans": [
			{"id": "free", "name": "Free", "monthlyPrice": 0}, {"id": "pro", "name": "Pro", "monthlyPrice": 20},
			{"id": "business", "name": "Business", "monthlyPrice": 100}, {"id": "enterprise", "name": "Enterprise", "monthlyPrice": 250}]}`,
		"GET", w.path("settings"), "", w.admin())

	changed := `{"defaultCommissionRate": 12.5, "holdingPeriodDays": 0, "minPayoutAmount": 99.99, "cookieDurationDays": 1,
		"levels": [{"name": "Gold", "minPaidSubscriptions": 5, "minMonthlyValue": 50.05, "commissionRate": 40}],
		"plans": [{"id": "free", "name": "Free", "monthlyPrice": 1}, {"id": "pro", "name": "Pro", "monthlyPrice": 25.5},
			{"id": "business", "name": "Business", "monthlyPrice": 100}, {"id": "enterprise", "name": "Enterprise", "monthlyPrice": 250}]}`
	w.want(t, 200, changed, "PATCH", w.path("settings"), `{"defaultCommissionRate": 1.25e1, "holdingPeriodDays": 0.0, "minPayoutAmount": 99.990, "cookieDurationDays": 1,
		"levels": [{"name": "Gold", "minPaidSubscriptions": 5, "minMonthlyValue": 50.05, "commissionRate": 40}],
		"plans": [{"id": "pro", "monthlyPrice": 25.50}, {"id": "free", "monthlyPrice": 1}]}`, w.admin())
	w.want(t, 200, changed, "PATCH", w.path("settings"), `{}`, w.admin())
	w.want(t, 200, changed, "GET", w.path("settings"), "", w.admin())
	cleared := w.send(t, "PATCH", w.path("settings"), `{"levels": []}`, w.admin()).json(t)
	assert.Equal(t, []any{}, cleared["levels"])
	assert.EqualValues(t, 12.5, cleared["defaultCommissionRate"])
}

func TestTheContractIsServed(t *testing.T) {
	w := newWorld(t)
	got := w.send(t, "GET", "/openapi.yaml", "")
	assert.Equal(t, 200, got.status)
	assert.Equal(t, string(contract.OpenAPI()), got.body)
	assert.True(t, strings.HasPrefix(got.body, "openapi:"))
	assert.Equal(t, "application/yaml; charset=utf-8", got.header.Get("Content-Type"))
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	for i := range 25 {
		w.apply(t, fmt.Sprintf("%d@acme.com", i))
	}
	list := func(query string) (emails []string, cursor string) {
		got := w.send(t, "GET", w.path("applications"+query), "", w.admin())
		require.Equal(t, 200, got.status, got.body)
		object := got.json(t)
		for _, application := range object["data"].([]any) {
			emails = append(emails, application.(map[string]any)["email"].(string))
		}
		pagination := object["pagination"].(map[string]any)
		cursor, _ = pagination["cursor"].(string)
		assert.Equal(t, pagination["hasMore"], cursor != "", "a cursor comes exactly when there is more")
		return emails, cursor
	}

	t.Run("a page has 20 unless asked otherwise", func(t *testing.T) {
		first, cursor := list("")
		assert.Len(t, first, 20)
		assert.Equal(t, "24@acme.com", first[0])
		second, end := list("?cursor=" + cursor)
		assert.Equal(t, []string{"4@acme.com", "3@acme.com", "2@acme.com", "1@acme.com", "0@acme.com"}, second)
		assert.Empty(t, end)
	})

	t.Run("a filter and a limit go together with a cursor", func(t *testing.T) {
		first, cursor := list("?status=pending&limit=24")
		assert.Len(t, first, 24)
		rest, end := list("?status=pending&limit=24&cursor=" + cursor)
		assert.Equal(t, []string{"0@acme.com"}, rest)
		assert.Empty(t, end)
	})

	t.Run("a page that takes the last exactly has no more", func(t *testing.T) {
		all, end := list("?limit=25")
		assert.Len(t, all, 25)
		assert.Empty(t, end)
	})

	t.Run("a query that cannot be used is refused, with all that is wrong", func(t *testing.T) {
		for query, problems := range map[string][]string{
			"?limit=0":               {"limit must be an integer number from 1 to 100"},
			"?limit=101":             {"limit must be an integer number from 1 to 100"},
			"?limit=":                {"limit must be an integer number from 1 to 100"},
			"?limit=ten&status=open": {"status must be one of the following values: pending, approved, rejected", "limit must be an integer number from 1 to 100"},
			"?status=":               {"status must be one of the following values: pending, approved, rejected"},
			"?page=2&sort=x":         {"property page should not exist", "property sort should not exist"},
			"?limit=1&limit=2":       {"limit should be given once"},
			"?limit=%zz":             {"The query of the URL is malformed; escape its values"},
		} {
			assert.Equal(t, problems, w.refused(t, 400, "GET", w.path("applications"+query), "", w.admin()), query)
		}
	})

	t.Run("a cursor that no page gave is refused", func(t *testing.T) {
		for _, cursor := range []string{"", "x", "AAAA", "AQAAAAA", "AgAAAAE", "AQAAAP8", "AQAAAAE=", "AQAAAAEA", "AQAAAAF"} {
			problems := w.refused(t, 400, "GET", w.path("applications?cursor="+cursor), "", w.admin())
			assert.Equal(t, []string{"cursor must be one that an earlier page gave"}, problems, cursor)
		}
	})
}

func TestAnEmailThatWasNotEscapedIsExplained(t *testing.T) {
	w := newWorld(t)
	w.apply(t, "jane+x@acme.com")
	w.apply(t, "jane&co@acme.com")
	const (
		plus      = "email must be an email; a + in a query stands for a space: send %2B for a +"
		twice     = "email must be an email; it was escaped twice"
		ampersand = " should not exist; an & in a query begins another parameter: send %26 for an & in a value"
	)
	for query, want := range map[string][]string{
		"email=jane+x@acme.com":                 {plus},
		"email=jane+x%40acme.com":               {plus},
		"email=+jane@acme.com":                  {plus},
		"email=jane%20x@acme.com":               {"email must be an email"},
		"email=jane%2B+x@acme.com":              {plus},
		"email=jane%252Bx%2540acme.com":         {twice},
		"email=jane&co@acme.com":                {"property co@acme.com" + ampersand},
		"email=a&b&c@acme.com":                  {"property b should not exist", "property c@acme.com" + ampersand},
		"email=jane@acme.com&email=li@acme.com": {"email should be given once"},
		"email=jane@acme.com&email=":            {"email should be given once"},
		"email=jane@acme.com&verbose=1":         {"property verbose should not exist"},
		"Email=jane@acme.com":                   {"property Email should not exist"},
		"email=50%off@acme.com":                 {"The query of the URL is malformed; escape its values"},
		"email=jane;co@acme.com":                {"The query of the URL is malformed; escape its values"},
		"email=jan%E9@acme.com":                 {"email must be an email"},
		"email=jane":                            {"email must be an email"},
		"email":                                 {"email must be an email"},
		"":                                      {"email must be an email"},
	} {
		assert.Equal(t, want, w.refused(t, 400, "GET", "/v1/affiliate/apply/status?"+query, "", w.key()), query)
	}
	for _, query := range []string{"email=jane%2Bx@acme.com", "email=jane%2bx%40acme.com", "email=jane%26co@acme.com"} {
		assert.Contains(t, w.send(t, "GET", "/v1/affiliate/apply/status?"+query, "", w.key()).body, `"applied":true`, query)
	}
}
