package stackbetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

const seed = `{"apps": [{
	"settings": {"holdingPeriodDays": 7},
	"customers": [
		{"id": "cust_jane", "email": "jane@acme.com", "name": "Jane"},
		{"id": "cust_john", "email": "john@company.com", "affiliateId": "aff_jane"}
	],
	"partners": [{"id": "aff_jane", "customerId": "cust_jane", "code": "JANE20"}],
	"applications": [{"id": "app_joe", "email": "joe@acme.com", "name": "Joe"}]
}]}`

func TestSeedMakesRecordsOfDocument(t *testing.T) {
	server := stackbetest.New(t)
	other := server.AddApp()
	other.CreateCustomer(stackbetest.CustomerParams{Email: "stays@acme.com"})
	client, now := server.Client(), server.Now()
	server.Seed(seed)

	jane, err := client.Affiliates.Get(t.Context(), "cust_jane")
	require.NoError(t, err, "the app keeps its credentials")
	assert.Equal(t, "JANE20", jane.Code)
	assert.WithinDuration(t, now, jane.CreatedAt, time.Minute, "what is left out is the default")
	assert.Equal(t, affiliates.ApplicationPending, server.Application("joe@acme.com").Status)
	server.RecordPayment("cust_john", affiliates.MoneyFromCents(100_00))
	server.Advance(7 * 24 * time.Hour)
	statement := server.Statement("aff_jane")
	require.Len(t, statement, 2)
	assert.Equal(t, "20.00", statement[1].Balances.Ready.String())
	for _, err := range other.AdminClient().Admin.Customers.All(t.Context(), affiliates.CustomerFilter{}) {
		require.NoError(t, err)
	}
}

func TestSeedKeepsClockAndWebhooks(t *testing.T) {
	server := stackbetest.New(t)
	server.AddWebhook(stackbetest.WebhookParams{Secret: secret, URL: "http://127.0.0.1:0/"})
	server.Advance(time.Hour)
	now := server.Now()
	server.Seed(seed)
	assert.False(t, server.Now().Before(now))
	assert.Len(t, server.Webhooks(), 1)
	server.Seed(`{"webhooks": [{"id": "wh_1", "url": "http://127.0.0.1:0/", "secrets": [{"secret": "a secret of the tests"}]}]}`)
	assert.Equal(t, "wh_1", server.Webhooks()[0].ID)
	assert.NotEmpty(t, server.Affiliate("JANE20").ID)
}

func TestRestoreGoesBackToSnapshot(t *testing.T) {
	server := stackbetest.New(t)
	jane := enroll(t, server.App, "jane@acme.com", "JANE20")
	token := server.SessionToken(jane.Affiliate.CustomerID)
	snapshot := server.Snapshot()
	assert.True(t, json.Valid([]byte(snapshot)))
	enroll(t, server.App, "joe@acme.com", "JOE20")
	server.Advance(time.Hour)

	server.Restore(snapshot)
	partners, err := server.AdminClient().Admin.Partners.List(t.Context(), affiliates.PartnerFilter{})
	require.NoError(t, err)
	assert.Len(t, partners.Data, 1)
	_, err = server.Client().AsCustomer(token).Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)

	another := stackbetest.New(t)
	another.Restore(snapshot)
	assert.Equal(t, server.APIKey, another.APIKey)
	assert.Equal(t, server.AppID, another.AppID)
	assert.Equal(t, jane.Affiliate.ID, another.Affiliate("JANE20").ID)
	_, err = another.Client().AsCustomer(token).Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
}

func TestSameSeedMakesSameBytes(t *testing.T) {
	play := func(seed int64) (all string) {
		synctest.Test(t, func(t *testing.T) {
			server := stackbetest.New(t, stackbetest.WithSeed(seed))
			server.AddWebhook(stackbetest.WebhookParams{Secret: secret, Handler: http200})
			jane := enroll(t, server.App, "jane@acme.com", "JANE20")
			customer := server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com", ReferralCode: "JANE20"})
			server.Subscribe(customer, affiliates.PlanPro)
			server.Advance(40 * 24 * time.Hour)
			_, err := server.CustomerClient(jane.Affiliate.CustomerID).Affiliates.GetPortalLink(t.Context())
			require.NoError(t, err)
			for _, request := range server.Requests() {
				require.NotEmpty(t, request.ResponseHeader.Get("X-Request-Id"))
				all += fmt.Sprintln(request.ID, request.Time, request.Status, request.ResponseHeader, string(request.ResponseBody))
			}
			for _, delivery := range server.Deliveries() {
				require.NotEmpty(t, delivery.Attempts)
				all += fmt.Sprintln(delivery.WebhookID, delivery.EventID, string(delivery.Body))
				for _, attempt := range delivery.Attempts {
					all += fmt.Sprintln(attempt.Started, attempt.StatusCode)
				}
			}
			all += server.AppID + server.APIKey + server.AdminToken
		})
		return all
	}
	first := play(7)
	assert.Equal(t, first, play(7))
	assert.NotEqual(t, first, play(8))
}

func TestDemoHasPartnersOfEveryKind(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithoutSocket())
	jane := server.Demo()
	assert.Equal(t, jane.AffiliateID, server.Affiliate(jane.Code).ID)
	statement := server.Statement(jane.AffiliateID)
	require.NotEmpty(t, statement)
	last := statement[len(statement)-1]
	dashboard, err := server.CustomerClient(jane.CustomerID).Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	assert.Equal(t, last.Balances.Earned, dashboard.Affiliate.TotalEarned)
}

var http200 = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func TestInvalidDocumentFailsTheTestWithWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		document stackbetest.Document
		want     string
	}{
		"nothing":              {"", "stackbetest: Seed: the document: it is empty"},
		"a comma too many":     {"{\"apps\": [\n\t{\"customers\": []},\n]}", "stackbetest: Seed: the document: line 3: invalid character"},
		"a torn document":      {`{"apps": [`, "stackbetest: Seed: the document: unexpected EOF"},
		"an unknown field":     {`{"apps": [{"partner": []}]}`, `stackbetest: Seed: the document: unknown field "partner"`},
		"a field of a record":  {"{\"apps\": [{\"customers\": [\n{\"email\": 5}]}]}", "stackbetest: Seed: the document: line 2: apps.customers.email must not be a number"},
		"a text":               {`"apps"`, "stackbetest: Seed: the document: it must be a JSON object"},
		"a reference to none":  {`{"apps": [{"deals": [{"id": "d", "affiliateId": "none"}]}]}`, "stackbetest: Seed: the document: apps[0]: deals[0]"},
		"an object and more":   {`{} {}`, "stackbetest: Seed: the document: there is more text after it"},
		"a code that is short": {`{"apps": [{"customers": [{"id": "c", "email": "a@b.co"}], "partners": [{"id": "a", "customerId": "c", "code": "J"}]}]}`, "3 to 32"},
	} {
		t.Run(name, func(t *testing.T) {
			test := &failures{}
			failing := stackbetest.New(test, stackbetest.WithoutSocket())
			defer failing.Close()
			assert.PanicsWithValue(t, test, func() { failing.Seed(c.document) })
			assert.Contains(t, test.messages[0], c.want)
			assert.NotContains(t, test.messages[0], "refserver")
		})
	}
}

func TestInvalidSeedFailsTest(t *testing.T) {
	for name, test := range map[string]struct {
		document stackbetest.Document
		want     string
	}{
		"another version":         {`{"version": 2}`, "version: it must be 1"},
		"an app twice":            {`{"apps": [{"id": "app_a"}, {"id": "app_a"}]}`, `apps[1]: the app "app_a" is there twice`},
		"the server's app, twice": {`{"apps": [{}, {}]}`, "is there twice"},
		"a field that is not one": {`{"partners": []}`, "unknown field"},
		"a record without an id":  {`{"apps": [{"customers": [{"email": "jane@acme.com"}]}]}`, "customers[0]: it has no id"},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := stackbetest.Start(stackbetest.WithoutSocket())
			require.NoError(t, err)
			defer server.Close()
			before := server.Snapshot()
			defer func() {
				assert.Contains(t, fmt.Sprint(recover()), test.want)
				assert.Equal(t, before, server.Snapshot())
			}()
			server.Seed(test.document)
		})
	}
}

func TestRestoreOfDocumentWithoutAnAppFailsTest(t *testing.T) {
	for _, document := range []stackbetest.Document{`{"version": 1}`, `{"apps": []}`, `{}`, `null`} {
		test := &failures{}
		server := stackbetest.New(test, stackbetest.WithoutSocket())
		before := server.Snapshot()
		assert.PanicsWithValue(t, test, func() { server.Restore(document) }, document)
		assert.Equal(t, []string{"stackbetest: Restore: the document: it has no app"}, test.messages)
		assert.Equal(t, before, server.Snapshot())
		server.CreateCustomer(stackbetest.CustomerParams{Email: "jane@acme.com"})
		server.Close()
	}
}

func TestSeedOfDocumentWithoutAnAppKeepsTheServers(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithoutSocket())
	for _, document := range []stackbetest.Document{`{"version": 1}`, `{"apps": []}`, `{}`, `null`} {
		app := server.AppID
		server.Seed(document)
		assert.Equal(t, app, server.AppID)
	}
	server.CreateCustomer(stackbetest.CustomerParams{Email: "jane@acme.com"})
}
