package stackbe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/contract"
)

// docsContract is the snippet of docs/contract.md.
func docsContract() (*stackbe.Client, error) {
	client, err := stackbe.New(stackbe.Config{
		APIKey:   os.Getenv("STACKBE_API_KEY"),
		AppID:    os.Getenv("STACKBE_APP_ID"),
		Contract: stackbe.Contract{DealsPath: "/v1/affiliate/leads", ListField: "items", FractionalRates: true},
	})
	return client, err
}

func TestSnippetOfContractPageIsTheCodeAbove(t *testing.T) {
	assertSnippets(t, "docs/contract.md", "contract_test.go")
	_, err := docsContract()
	assert.NoError(t, err)
}

// assumptions returns the rows of the table that is headed "| assumption | field |".
func assumptions(t *testing.T) [][2]string {
	t.Helper()
	page, err := os.ReadFile("docs/contract.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "| assumption | field |\n| --- | --- |\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	var rows [][2]string
	for line := range strings.SplitSeq(strings.TrimSpace(table), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		require.Len(t, cells, 2, line)
		rows = append(rows, [2]string{cells[0], cells[1]})
	}
	return rows
}

func TestTableOfAssumptionsNamesEachFieldOfContractOnceWithItsDefault(t *testing.T) {
	inTable := map[string]string{}
	for _, row := range assumptions(t) {
		fields := 0
		for _, quoted := range regexp.MustCompile("`([A-Za-z]+)`").FindAllStringSubmatch(row[1], -1) {
			if _, ok := reflect.TypeFor[stackbe.Contract]().FieldByName(quoted[1]); !ok {
				continue
			}
			assert.NotContains(t, inTable, quoted[1])
			inTable[quoted[1]] = row[0]
			fields++
		}
		assert.NotZero(t, fields, "no field changes this: %s", row[0])
	}
	standard := reflect.ValueOf(contract.Default())
	for i := range standard.NumField() {
		field := standard.Type().Field(i)
		require.Contains(t, inTable, field.Name)
		if field.Type.Kind() == reflect.String {
			assert.Contains(t, inTable[field.Name], "`"+standard.Field(i).String()+"`", field.Name)
		}
	}
}

func TestCommentsOfContractBeginWithTheDefault(t *testing.T) {
	source, err := os.ReadFile("contract.go")
	require.NoError(t, err)
	standard := reflect.ValueOf(contract.Default())
	for i := range standard.NumField() {
		name := standard.Type().Field(i).Name
		if standard.Field(i).Kind() != reflect.String || name == "SignatureHeader" {
			continue
		}
		line := regexp.MustCompile(`\n\t` + name + ` +string // (.*)`).FindStringSubmatch(string(source))
		require.NotNil(t, line, name)
		assert.Contains(t, line[1], standard.Field(i).String(), name)
	}
}

func TestFlatPaginationIsThatOfTheTranslation(t *testing.T) {
	assert.Equal(t, contract.FlatPagination, stackbe.FlatPagination)
}

func TestContractIsValidatedByNew(t *testing.T) {
	for field, contract := range map[string]stackbe.Contract{
		"DealsPath":       {DealsPath: "v1/deals"},
		"CursorParameter": {LimitParameter: "n", CursorParameter: "n"},
		"APIKeyHeader":    {APIKeyHeader: "x api key"},
		"ClickCodeField":  {ClickCodeField: "expiresAt"},
	} {
		_, err := stackbe.New(stackbe.Config{Contract: contract})
		assertRefused(t, err, "Config.Contract."+field, "")
	}
	_, err := stackbe.New(stackbe.Config{IdempotencyHeader: "X-Token", Contract: stackbe.Contract{SessionHeader: "X-Token"}})
	assertRefused(t, err, "Config.IdempotencyHeader", "")
	_, err = stackbe.New(stackbe.Config{Contract: stackbe.Contract(contract.Default())})
	assert.NoError(t, err)
}

// exchange is the request that a server receives and the response that it sends.
type exchange struct {
	method, path, query, body string
	header                    http.Header
}

// clientOf returns a client of a server that sends body, and what the server received last.
func clientOf(t *testing.T, c stackbe.Contract, body string, change ...func(*stackbe.Config)) (*stackbe.Client, *exchange) {
	t.Helper()
	var got exchange
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		sent, _ := io.ReadAll(r.Body)
		got = exchange{r.Method, r.URL.Path, r.URL.RawQuery, string(sent), r.Header}
		w.Header().Set("X-Trace", "trace-1")
		fmt.Fprint(w, body)
	})
	change = append(change, func(cfg *stackbe.Config) { cfg.Contract = c })
	return newClient(t, server.URL, change...), &got
}

func TestRequestsAreTranslatedToContract(t *testing.T) {
	ctx := t.Context()
	t.Run("path, fields, and headers of a write", func(t *testing.T) {
		client, got := clientOf(t, stackbe.Contract{TrackPath: "/clicks", TrackCodeField: "referral", TrackURLField: "page", APIKeyHeader: "Authorization", IdempotencyHeader: "X-Once"}, `{}`)
		_, err := client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20", URL: "https://a.example/"})
		require.NoError(t, err)
		assert.Equal(t, "/clicks", got.path)
		assert.JSONEq(t, `{"referral": "JANE20", "page": "https://a.example/"}`, got.body)
		assert.Equal(t, "Bearer "+apiKey, got.header.Get("Authorization"))
		assert.NotEmpty(t, got.header.Get("X-Once"))
		assert.Empty(t, got.header.Get("Idempotency-Key"))
		assert.Empty(t, got.header.Get("X-Api-Key"))
	})
	t.Run("a session in another header is sent without Bearer", func(t *testing.T) {
		client, got := clientOf(t, stackbe.Contract{SessionHeader: "x-session"}, `{"enrolled":false}`)
		_, err := client.Affiliates.GetCurrent(ctx)
		require.NoError(t, err)
		assert.Equal(t, sessionToken, got.header.Get("X-Session"))
		assert.Empty(t, got.header.Get("Authorization"))
	})
	t.Run("parameters of a query", func(t *testing.T) {
		client, got := clientOf(t, stackbe.Contract{StatusParameter: "filter[status]", LimitParameter: "cursor", CursorParameter: "limit"}, `[]`)
		_, err := client.Affiliates.ListApplications(ctx, affiliates.ApplicationFilter{Status: "pending", Limit: 7, Cursor: "c"})
		require.NoError(t, err)
		assert.Equal(t, "cursor=7&filter%5Bstatus%5D=pending&limit=c", got.query)
	})
	t.Run("rates and the method of a change", func(t *testing.T) {
		client, got := clientOf(t, stackbe.Contract{UpdateSettingsMethod: "PUT", FractionalRates: true, LevelCommissionRateField: "rate"}, `{"defaultCommissionRate": 0.125}`)
		rate := affiliates.PercentFromInt(20)
		settings, err := client.Affiliates.UpdateSettings(ctx, affiliates.UpdateSettingsParams{
			DefaultCommissionRate: &rate, Levels: []affiliates.Level{{Name: "Gold", CommissionRate: affiliates.PercentFromInt(40)}},
		})
		require.NoError(t, err)
		assert.Equal(t, http.MethodPut, got.method)
		assert.JSONEq(t, `{"defaultCommissionRate": 0.2, "levels": [{"name": "Gold", "minPaidSubscriptions": 0, "minMonthlyValue": 0, "rate": 0.4}]}`, got.body)
		assert.Equal(t, "12.5%", settings.DefaultCommissionRate.String())
		assert.JSONEq(t, `{"defaultCommissionRate": 0.125}`, string(settings.Raw))
	})
	t.Run("Config.IdempotencyHeader wins", func(t *testing.T) {
		client, got := clientOf(t, stackbe.Contract{IdempotencyHeader: "X-Once"}, `{}`, func(cfg *stackbe.Config) { cfg.IdempotencyHeader = "X-Twice" })
		_, err := client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20"})
		require.NoError(t, err)
		assert.NotEmpty(t, got.header.Get("X-Twice"))
		assert.Empty(t, got.header.Get("X-Once"))
	})
}

func TestListOfDealsFollowsTheContract(t *testing.T) {
	const element = `{"key":"d1","state":"won"}`
	client, got := clientOf(t, stackbe.Contract{
		DealsPath: "/leads", StatusParameter: "state", ListField: "items", PaginationField: stackbe.FlatPagination, CursorField: "next",
		DealIDField: "key", DealStatusField: "state",
	}, `{"items":[`+element+`],"next":"c2"}`)
	deals, err := client.Account.Deals.List(t.Context(), affiliates.DealFilter{Status: affiliates.DealWon, Limit: 1})
	require.NoError(t, err)
	assert.Equal(t, "/leads", got.path)
	assert.Equal(t, "limit=1&state=won", got.query)
	require.Len(t, deals.Data, 1)
	assert.Equal(t, "c2", deals.Cursor)
	assert.Equal(t, affiliates.Deal{ID: "d1", Status: affiliates.DealWon, Raw: []byte(element)}, deals.Data[0])

	bare, _ := clientOf(t, stackbe.Contract{DealIDField: "key"}, `[`+element+`]`)
	deals, err = bare.Account.Deals.List(t.Context(), affiliates.DealFilter{})
	require.NoError(t, err)
	require.Len(t, deals.Data, 1)
	assert.Equal(t, "d1", deals.Data[0].ID)
}

func TestContractLeavesAccountAndAdminUntranslated(t *testing.T) {
	changed := stackbe.Contract{
		StatusParameter: "state", LimitParameter: "size", CursorParameter: "after", ListField: "items", PaginationField: stackbe.FlatPagination,
		AffiliateCommissionRateField: "rate", AffiliateCustomerIDField: "customer", FractionalRates: true,
	}
	t.Run("a list", func(t *testing.T) {
		client, got := clientOf(t, changed, `{"data":[{"id":"c1","rate":20}],"pagination":{"hasMore":true,"cursor":"c2"}}`)
		commissions, err := client.Account.Commissions.List(t.Context(), affiliates.CommissionFilter{Status: affiliates.CommissionReady, Limit: 1, Cursor: "c1"})
		require.NoError(t, err)
		assert.Equal(t, "cursor=c1&limit=1&status=ready", got.query)
		require.Len(t, commissions.Data, 1)
		assert.Equal(t, "20%", commissions.Data[0].Rate.String())
		assert.Equal(t, "c2", commissions.Cursor)
	})
	t.Run("a partner", func(t *testing.T) {
		client, _ := clientOf(t, changed, `{"id":"p1","customerId":"cust_1","commissionRate":20}`)
		partner, err := client.Admin.Partners.Get(t.Context(), "p1")
		require.NoError(t, err)
		assert.Equal(t, "cust_1", partner.CustomerID)
		assert.Equal(t, "20%", partner.CommissionRate.String())
	})
}

func TestContractRefusesNamesOfOtherFields(t *testing.T) {
	for field, c := range map[string]stackbe.Contract{
		"DashboardRecentDealsField": {DashboardRecentDealsField: "recentPayouts"},
		"DashboardStatsField":       {DashboardStatsField: "recentUsers"},
		"DashboardReadyField":       {DashboardReadyField: "inPayout"},
		"DashboardInReviewField":    {DashboardInReviewField: "debt"},
		"SettingsLevelsField":       {SettingsLevelsField: "plans"},
		"DealsPath":                 {DealsPath: "/v1/affiliate/dashboard"},
	} {
		_, err := stackbe.New(stackbe.Config{Contract: c})
		var argument *stackbe.ArgumentError
		require.ErrorAs(t, err, &argument, field)
		assert.Equal(t, "Config.Contract."+field, argument.Field)
	}
}

func TestResponsesAreTranslatedFromContract(t *testing.T) {
	ctx := t.Context()
	t.Run("a list, and Raw is what the server sent", func(t *testing.T) {
		const element = `{ "id":"a1", "createdAt":"2025-01-02T03:04:05Z", "reviewedAt":"not a time", "affiliate_id" : "f1", "affiliateId": {"of": "another"}, "unknown": [1, 2e2] }`
		const page = ` {"total": 3, "applications": [` + element + `], "cursor": 1, "hasMore": "no", "paging": {"next": "c2", "more": true, "limit": 5}} `
		client, _ := clientOf(t, stackbe.Contract{
			ListField: "applications", PaginationField: "paging", CursorField: "next", HasMoreField: "more",
			ApplicationAffiliateIDField: "affiliate_id", ApplicationReviewedAtField: "createdAt", ApplicationCreatedAtField: "made",
		}, page)
		got, err := client.Affiliates.ListApplications(ctx, affiliates.ApplicationFilter{})
		require.NoError(t, err)
		require.Len(t, got.Data, 1)
		assert.Equal(t, "c2", got.Cursor)
		assert.True(t, got.HasMore)
		assert.Equal(t, strings.TrimSpace(page), string(got.Raw))
		assert.Equal(t, element, string(got.Data[0].Raw))
		assert.Equal(t, "f1", got.Data[0].AffiliateID)
		assert.Equal(t, 2025, got.Data[0].ReviewedAt.Year())
		assert.Zero(t, got.Data[0].CreatedAt)
	})
	for name, page := range map[string]string{
		"a cursor beside the list": `{"nextCursor":"c2","items":[{"id":"a1"}],"hasMore":true}`,
		"without hasMore":          `{"items":[{"id":"a1"}],"nextCursor":"c2"}`,
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := clientOf(t, stackbe.Contract{ListField: "items", PaginationField: stackbe.FlatPagination, CursorField: "nextCursor"}, page)
			got, err := client.Affiliates.ListApplications(ctx, affiliates.ApplicationFilter{})
			require.NoError(t, err)
			require.Len(t, got.Data, 1)
			assert.Equal(t, "c2", got.Cursor)
			assert.True(t, got.HasMore)
			assert.Equal(t, page, string(got.Raw))
		})
	}
	for name, c := range map[string]stackbe.Contract{
		"a list of deals under a name of its own":       {ListField: "applications", DealsListField: "deals"},
		"a list of deals under the name of other lists": {ListField: "deals"},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := clientOf(t, c, `{"deals":[{"id":"d1"}],"pagination":{"hasMore":false}}`)
			got, err := client.AsCustomer("session").Account.Deals.List(ctx, affiliates.DealFilter{})
			require.NoError(t, err)
			require.Len(t, got.Data, 1)
			assert.Equal(t, "d1", got.Data[0].ID)
		})
	}
	t.Run("a bare array is the only page, whatever the contract", func(t *testing.T) {
		client, _ := clientOf(t, stackbe.Contract{ListField: "items", ApplicationCreatedAtField: "made"}, `[{"id":"a1","made":"2025-01-02T03:04:05Z"}]`)
		got, err := client.Affiliates.ListApplications(ctx, affiliates.ApplicationFilter{})
		require.NoError(t, err)
		require.Len(t, got.Data, 1)
		assert.Equal(t, 2025, got.Data[0].CreatedAt.Year())
		assert.False(t, got.HasMore)
		assert.JSONEq(t, `[{"id":"a1","made":"2025-01-02T03:04:05Z"}]`, string(got.Raw))
	})
	t.Run("objects within objects", func(t *testing.T) {
		const body = `{"application":{"enrolled":true,"id":"f1","rate":"0.125"},"decision":{"id":"a1"}}`
		client, _ := clientOf(t, stackbe.Contract{ReviewApplicationField: "decision", ReviewAffiliateField: "application", AffiliateCommissionRateField: "rate", FractionalRates: true}, body)
		review, err := client.Affiliates.Approve(ctx, "a1", affiliates.ApproveParams{})
		require.NoError(t, err)
		assert.Equal(t, "a1", review.Application.ID)
		assert.Equal(t, "f1", review.Affiliate.ID)
		assert.Equal(t, "12.5%", review.Affiliate.CommissionRate.String())
		assert.Equal(t, body, string(review.Raw))
		assert.Equal(t, `{"enrolled":true,"id":"f1","rate":"0.125"}`, string(review.Affiliate.Raw))
	})
	t.Run("the default name is not read", func(t *testing.T) {
		client, _ := clientOf(t, stackbe.Contract{ClickIDField: "id"}, `{"clickId":"old","id":"new"}`)
		click, err := client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20"})
		require.NoError(t, err)
		assert.Equal(t, "new", click.ID)
	})
	t.Run("a name in another case is read, as encoding/json does", func(t *testing.T) {
		client, _ := clientOf(t, stackbe.Contract{ClickIDField: "click_id"}, `{"Click_ID":"new"}`)
		click, err := client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20"})
		require.NoError(t, err)
		assert.Equal(t, "new", click.ID)
	})
	t.Run("the request id, in errors and observers", func(t *testing.T) {
		var observed string
		client, _ := clientOf(t, stackbe.Contract{RequestIDHeader: "x-trace", DealsPath: "/leads"}, `nonsense`,
			func(cfg *stackbe.Config) {
				cfg.Observe = func(_ context.Context, e stackbe.Attempt) { observed = e.RequestID + " " + e.Route }
			})
		_, err := client.Affiliates.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "a@b.example", LeadName: "A"})
		var failed *stackbe.Error
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "trace-1", failed.RequestID)
		assert.Equal(t, "/leads", failed.Route)
		assert.Equal(t, "trace-1 /leads", observed)
	})
}

func TestDoSendsHeadersOfContractAndIsNotTranslated(t *testing.T) {
	client, got := clientOf(t, stackbe.Contract{TrackPath: "/clicks", TrackCodeField: "referral", APIKeyHeader: "X-Key", ClickIDField: "id"}, `{"clickId":"1"}`)
	var out json.RawMessage
	err := client.Do(t.Context(), stackbe.Request{
		Method: http.MethodPost, Path: "/v1/affiliate/track", Credential: stackbe.CredentialAPIKey, Body: map[string]string{"code": "JANE20"},
	}, &out)
	require.NoError(t, err)
	assert.Equal(t, "/v1/affiliate/track", got.path)
	assert.JSONEq(t, `{"code": "JANE20"}`, got.body)
	assert.Equal(t, apiKey, got.header.Get("X-Key"))
	assert.Equal(t, `{"clickId":"1"}`, string(out))
}

func TestWithHeaderRefusesHeadersOfContract(t *testing.T) {
	client, _ := clientOf(t, stackbe.Contract{APIKeyHeader: "X-Key", SessionHeader: "X-Session", IdempotencyHeader: "X-Once"}, `{"enrolled":false}`)
	for _, name := range []string{"x-key", "X-Session", "X-ONCE", "x-api-key", "Authorization"} {
		_, err := client.Affiliates.Get(stackbe.WithHeader(t.Context(), name, "v"), "cust_1")
		assert.ErrorIs(t, err, stackbe.ErrInvalidArgument, name)
	}
	_, err := client.Affiliates.Get(stackbe.WithHeader(t.Context(), "Idempotency-Key", "v"), "cust_1")
	assert.NoError(t, err, "it is not the SDK's under this contract")
}

func TestRetriedRequestIsTranslatedToContract(t *testing.T) {
	var queries []string
	server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		queries = append(queries, r.URL.Path+"?"+r.URL.RawQuery)
		if n == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"items":[]}`)
	})
	client := newClient(t, server.URL, func(cfg *stackbe.Config) {
		cfg.Contract = stackbe.Contract{ApplicationsPath: "/list/{appID}", LimitParameter: "size", ListField: "items"}
	})
	_, err := client.Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{Limit: 7})
	require.NoError(t, err)
	assert.Equal(t, []string{"/list/app_1?size=7", "/list/app_1?size=7"}, queries)
}

func TestRedirectDoesNotCarryCredentialHeaderOfContract(t *testing.T) {
	other := serve(t, func(http.ResponseWriter, *http.Request, int) {})
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	client := newClient(t, server.URL, func(cfg *stackbe.Config) { cfg.Contract = stackbe.Contract{SessionHeader: "X-Session"} })
	_, err := client.Affiliates.GetCurrent(t.Context())
	assert.ErrorIs(t, err, stackbe.ErrRedirectRefused)
	assert.NotContains(t, fmt.Sprintf("%+v", err), sessionToken)
	assert.Equal(t, sessionToken, server.received()[0].Header.Get("X-Session"))
	assert.Empty(t, other.received())
}

func TestErrorsNameResponseFieldAsServerDoes(t *testing.T) {
	renamed := stackbe.Contract{
		ListField: "items", PaginationField: "paging", CursorField: "next", ApplicationCreatedAtField: "made", DashboardPath: "/board", DashboardStatsField: "counts", DashboardClicksField: "visits",
	}
	flat := renamed
	flat.PaginationField = stackbe.FlatPagination
	list := func(c *stackbe.Client) error {
		_, err := c.Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{})
		return err
	}
	dashboard := func(c *stackbe.Client) error {
		_, err := c.Affiliates.GetDashboard(t.Context())
		return err
	}
	review := func(c *stackbe.Client) error {
		_, err := c.Affiliates.Approve(t.Context(), "a1", affiliates.ApproveParams{})
		return err
	}
	for name, c := range map[string]struct {
		contract stackbe.Contract
		body     string
		call     func(*stackbe.Client) error
		want     string
	}{
		"that is missing":             {renamed, `{"data":[]}`, list, `the field "items" is missing`},
		"in an element of a list":     {renamed, `{"items":[{"made":"then"}]}`, list, `the field "items[0].made" is a string`},
		"in an inner object":          {renamed, `{"items":[],"paging":{"next":1}}`, list, `the field "paging.next" is a number`},
		"beside the list":             {flat, `{"items":[],"next":1}`, list, `the field "next" is a number`},
		"in an object of an object":   {renamed, `{"affiliate":{},"counts":{"visits":"x"}}`, dashboard, `the field "counts.visits" is a string`},
		"of the JSON itself":          {renamed, `[]`, dashboard, `the JSON is an array`},
		"of JSON that cannot be list": {renamed, `[]`, review, `the JSON is an array`},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := clientOf(t, c.contract, c.body)
			err := c.call(client)
			assert.ErrorIs(t, err, stackbe.ErrInvalidResponse)
			assert.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, "set Config.Contract; cmd/stackbe-check finds what to set")
		})
	}
}
