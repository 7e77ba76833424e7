package transport_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/transport"
)

func TestCheckContractNamesTheFieldThatCannotBeUsed(t *testing.T) {
	for name, c := range map[string]struct {
		contract contract.Contract
		field    string
	}{
		"a relative path":                           {contract.Contract{DealsPath: "v1/deals"}, "DealsPath"},
		"a URL for a path":                          {contract.Contract{DealsPath: "https://evil.example/deals"}, "DealsPath"},
		"a path to the parent":                      {contract.Contract{TrackPath: "/v1/../admin"}, "TrackPath"},
		"a path with an empty element":              {contract.Contract{TrackPath: "/v1//track"}, "TrackPath"},
		"a path with an escape":                     {contract.Contract{TrackPath: "/v1/%2e%2e"}, "TrackPath"},
		"a path with a query":                       {contract.Contract{TrackPath: "/v1/track?x=1"}, "TrackPath"},
		"a path with a slash at its end":            {contract.Contract{TrackPath: "/v1/track/"}, "TrackPath"},
		"a path without the id":                     {contract.Contract{AffiliateByCustomerPath: "/v1/customers"}, "AffiliateByCustomerPath"},
		"a path with another id":                    {contract.Contract{AffiliateByCustomerPath: "/v1/customers/{id}"}, "AffiliateByCustomerPath"},
		"a path with the id twice":                  {contract.Contract{AffiliateByCustomerPath: "/v1/{customerID}/{customerID}"}, "AffiliateByCustomerPath"},
		"a path with an id that it has not":         {contract.Contract{TrackPath: "/v1/{appID}/track"}, "TrackPath"},
		"a path with half an id":                    {contract.Contract{ReviewPath: "/v1/{appID}/x{applicationID}"}, "ReviewPath"},
		"a path with one id of two":                 {contract.Contract{ApplicationPath: "/v1/{appID}"}, "ApplicationPath"},
		"the path of another endpoint":              {contract.Contract{DealsPath: "/v1/affiliate/track"}, "DealsPath"},
		"a path that overlaps another":              {contract.Contract{AffiliateByCustomerPath: "/v1/affiliate/{customerID}/status", PortalLinkPath: "/v1/affiliate/apply/status"}, "PortalLinkPath"},
		"a method that does not write":              {contract.Contract{UpdateSettingsMethod: "GET"}, "UpdateSettingsMethod"},
		"a method in lower case":                    {contract.Contract{UpdateSettingsMethod: "put"}, "UpdateSettingsMethod"},
		"a header with a space":                     {contract.Contract{APIKeyHeader: "x api key"}, "APIKeyHeader"},
		"a header with a meaning of its own":        {contract.Contract{SessionHeader: "Cookie"}, "SessionHeader"},
		"a credential in Host":                      {contract.Contract{AdminHeader: "host"}, "AdminHeader"},
		"a key where credentials are":               {contract.Contract{IdempotencyHeader: "authorization"}, "IdempotencyHeader"},
		"a key where the contract has a credential": {contract.Contract{IdempotencyHeader: "X-Token", SessionHeader: "x-token"}, "IdempotencyHeader"},
		"a credential where the key is":             {contract.Contract{APIKeyHeader: "Idempotency-Key"}, "IdempotencyHeader"},
		"a request id with a line break":            {contract.Contract{RequestIDHeader: "X\r\nY"}, "RequestIDHeader"},
		"a signature in Content-Type":               {contract.Contract{SignatureHeader: "Content-Type"}, "SignatureHeader"},
		"one parameter for two":                     {contract.Contract{LimitParameter: "n", CursorParameter: "n"}, "CursorParameter"},
		"the parameter of another":                  {contract.Contract{LimitParameter: "status"}, "LimitParameter"},
		"a field with a space":                      {contract.Contract{ListField: "the list"}, "ListField"},
		"a field beyond ASCII":                      {contract.Contract{ListField: "données"}, "ListField"},
		"a field without end":                       {contract.Contract{ListField: strings.Repeat("x", 101)}, "ListField"},
		"the name of a documented field":            {contract.Contract{AffiliateCustomerIDField: "id"}, "AffiliateCustomerIDField"},
		"that name in another case":                 {contract.Contract{AffiliateCustomerIDField: "ID"}, "AffiliateCustomerIDField"},
		"the default of another field":              {contract.Contract{ClickCodeField: "expiresAt"}, "ClickCodeField"},
		"a cursor that is the list":                 {contract.Contract{PaginationField: contract.FlatPagination, ListField: "cursor"}, "ListField"},
		"one name in an inner object":               {contract.Contract{DashboardClicksField: "deals"}, "DashboardClicksField"},
		"one name in the objects of an array":       {contract.Contract{LevelNameField: "commissionRate"}, "LevelNameField"},
	} {
		t.Run(name, func(t *testing.T) {
			field, problem := transport.CheckContract(c.contract)
			assert.Equal(t, c.field, field)
			assert.Error(t, problem)
		})
	}
	for name, valid := range map[string]contract.Contract{
		"the defaults, named":       contract.Default(),
		"two names that swap":       {ClickIDField: "code", ClickCodeField: "clickId"},
		"all credentials in one":    {APIKeyHeader: "authorization", SessionHeader: "Authorization"},
		"a parameter in brackets":   {StatusParameter: "filter[status]"},
		"a path with ids elsewhere": {ReviewPath: "/reviews/{applicationID}/{appID}"},
	} {
		_, problem := transport.CheckContract(valid)
		assert.NoError(t, problem, name)
	}
}

func TestCheckContractSaysWhatIsWrong(t *testing.T) {
	for want, c := range map[string]contract.Contract{
		"has a name in braces": {TrackPath: "/v1/{appID}/track"},
		"does not have {appID} and {applicationID} once each, and no other name in braces": {ReviewPath: "/v1/{appID}/{appID}"},
		"does not have {customerID} once each, and no other name in braces":                {AffiliateByCustomerPath: "/v1/{id}"},
		`does not begin with "/"; it is relative to Config.BaseURL`:                        {DealsPath: "v1/deals"},
		"ends in a slash": {DealsPath: "/deals/"},
	} {
		_, problem := transport.CheckContract(c)
		assert.EqualError(t, problem, want)
	}
}

func TestCallIsTranslated(t *testing.T) {
	renamed := contract.Contract{
		TrackPath: "/clicks", TrackCodeField: "referral", ClickIDField: "id",
		ApplicationsPath: "/list/{appID}", LimitParameter: "size", ListField: "items",
		UpdateSettingsMethod: "PUT",
	}
	standard := contract.Default()
	type query struct {
		Limit int `url:"limit"`
	}
	for name, test := range map[string]struct {
		call     transport.Call
		request  string // the method, the URL and the body
		response string
		out      string
	}{
		"a path, and names in bodies": {
			transport.Call{Method: "POST", Route: standard.TrackPath, Body: map[string]string{"code": "JANE20"}},
			`POST /clicks {"referral":"JANE20"}`, `{"id":"1"}`, "1",
		},
		"names in a query": {
			transport.Call{Method: "GET", Route: standard.ApplicationsPath, Query: query{7}},
			"GET /list/app_1?size=7 ", `{"items":[],"clickId":"1"}`, "1",
		},
		"a method":                          {transport.Call{Method: "PATCH", Route: standard.SettingsPath, Body: map[string]int{}}, "PUT /v1/apps/app_1/affiliates/settings {}", `{"clickId":"1"}`, "1"},
		"but no other path":                 {transport.Call{Method: "POST", Route: "/v1/other", Body: map[string]string{"code": "JANE20"}}, `POST /v1/other {"code":"JANE20"}`, `{"clickId":"1"}`, "1"},
		"but no other method":               {transport.Call{Method: "GET", Route: standard.TrackPath}, "GET /v1/affiliate/track ", `{"clickId":"1"}`, "1"},
		"but no JSON that is sent as it is": {transport.Call{Method: "POST", Route: standard.TrackPath, Own: &transport.Own{Body: json.RawMessage(`{"code":"JANE20"}`)}}, `POST /clicks {"code":"JANE20"}`, `{"id":"1"}`, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			var request string
			server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
				request = fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, readAll(t, r.Body))
				if n == 0 {
					w.WriteHeader(503) // a retry is translated as well
					return
				}
				respondJSON(w, 200, test.response)
			})
			var out object
			test.call.Out, test.call.Credential, test.call.Translated = &out, transport.APIKey, true
			require.NoError(t, newClient(t, server.URL, func(c *transport.Config) { c.Contract = renamed }).Do(t.Context(), test.call))
			assert.Equal(t, test.request, request)
			assert.Equal(t, test.out, out.fields["clickId"])
		})
	}
	t.Run("only if the call asks for it", func(t *testing.T) {
		server := serve(t, respondOK)
		call := transport.Call{Method: "POST", Route: standard.TrackPath, Credential: transport.APIKey, Body: map[string]string{"code": "JANE20"}}
		require.NoError(t, newClient(t, server.URL, func(c *transport.Config) { c.Contract = renamed }).Do(t.Context(), call))
		assert.Equal(t, standard.TrackPath, server.only(t).URL.Path)
	})
}

// fieldError is of a field that has another name on the wire.
type fieldError struct{ path string }

func (e *fieldError) Error() string { return "the field " + e.path + " is odd" }

func (e *fieldError) WithPath(renamed func(string) string) error { return &fieldError{renamed(e.path)} }

type refusing struct{ err error }

func (r refusing) UnmarshalJSON([]byte) error { return r.err }

func TestInvalidResponseNamesFieldOfContract(t *testing.T) {
	renamed := func(c *transport.Config) { c.Contract = contract.Contract{ClickExpiresAtField: "until"} }
	call := transport.Call{Method: "POST", Route: contract.Default().TrackPath, Credential: transport.APIKey, Out: refusing{&fieldError{"expiresAt"}}, Translated: true}
	network := withNetwork(always(200, "{}"))
	assert.ErrorContains(t, newClient(t, "http://localhost", network, renamed).Do(t.Context(), call), "the field until is odd")
	assert.ErrorContains(t, newClient(t, "http://localhost", network).Do(t.Context(), call), "the field expiresAt is odd")
	call.Out = refusing{assert.AnError}
	assert.ErrorIs(t, newClient(t, "http://localhost", network, renamed).Do(t.Context(), call), assert.AnError)
}
