package transport_test

import (
	"math"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

func TestURLOfACall(t *testing.T) {
	get := func(route string, change func(*transport.Call)) transport.Call {
		call := transport.Call{Method: "GET", Route: route, Credential: transport.APIKey}
		change(&call)
		return call
	}
	with := func(route, id string) transport.Call {
		return get(route, func(c *transport.Call) { c.ID = id })
	}
	type filter struct {
		Limit  int    `url:"limit,omitempty"`
		Cursor string `url:"cursor,omitempty"`
	}
	for name, test := range map[string]struct {
		base string // below the server's URL
		call transport.Call
		want string
	}{
		"a path":                              {"", with("/v1/things", ""), "/v1/things"},
		"a path with a slash at its end":      {"", with("/v1/things/", ""), "/v1/things/"},
		"below a base path":                   {"/proxy", with("/v1/things", ""), "/proxy/v1/things"},
		"below a base path that ends in /":    {"/proxy//", with("/v1/things", ""), "/proxy/v1/things"},
		"below a base path with escapes":      {"/a%2Fb/%C3%A9/", with("/v1/things/{id}", "jané"), "/a%2Fb/%C3%A9/v1/things/jan%C3%A9"},
		"below a base path that ends in %2F":  {"/a%2F/", with("/v1/things", ""), "/a%2F/v1/things"},
		"the app's id":                        {"", with("/v1/apps/{appID}/things", ""), "/v1/apps/app_1/things"},
		"the app's id and the call's":         {"", with("/v1/apps/{appID}/things/{id}/parts", "thing_1"), "/v1/apps/app_1/things/thing_1/parts"},
		"the call's id and the app's":         {"", with("/v1/things/{id}/of/{appID}", "thing_1"), "/v1/things/thing_1/of/app_1"},
		"values in order":                     {"", get("/v1/{a}/{appID}/{b}", func(c *transport.Call) { c.Own = &transport.Own{Values: []string{"1", "2"}} }), "/v1/1/app_1/2"},
		"an ordinary id":                      {"", with("/v1/things/{id}", "cmjcbidrx0001n13ye2b7pryh"), "/v1/things/cmjcbidrx0001n13ye2b7pryh"},
		"an id with characters to escape":     {"", with("/v1/things/{id}", "a;b,c"), "/v1/things/a%3Bb%2Cc"},
		"an id of braces":                     {"", with("/v1/things/{id}", "{appID}"), "/v1/things/%7BappID%7D"},
		"an id of dots":                       {"", with("/v1/things/{id}", "..."), "/v1/things/..."},
		"an id of 255 bytes":                  {"", with("/v1/things/{id}", strings.Repeat("a", 255)), "/v1/things/" + strings.Repeat("a", 255)},
		"a query of a struct":                 {"/p", get("/v1", func(c *transport.Call) { c.Query = filter{7, "a&b+c"} }), "/p/v1?cursor=a%26b%2Bc&limit=7"},
		"a query of a struct of zero values":  {"", get("/v1", func(c *transport.Call) { c.Query = filter{} }), "/v1"},
		"a query of parameters":               {"", get("/v1", func(c *transport.Call) { c.Own = &transport.Own{Query: url.Values{"b": {"2", "1"}, "a": {"é"}}} }), "/v1?a=%C3%A9&b=2&b=1"},
		"a query of a struct, not parameters": {"", get("/v1", func(c *transport.Call) { c.Query, c.Own = filter{1, ""}, &transport.Own{Query: url.Values{"x": {"1"}}} }), "/v1?limit=1"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, respondOK)
			require.NoError(t, newClient(t, server.URL+test.base).Do(t.Context(), test.call))
			assert.Equal(t, test.want, server.only(t).RequestURI)
		})
	}
}

// ids are the refused ids, with the texts of their errors.
var ids = map[string]string{
	"":                       "is empty",
	".":                      `is "." or ".."`,
	"..":                     `is "." or ".."`,
	"..;x=1":                 `is "." or ".."`,
	".;":                     `is "." or ".."`,
	"/":                      "a slash",
	"a/b":                    "a slash",
	"../x":                   "a slash",
	`..\x`:                   "a slash",
	"%2e%2e":                 "a slash",
	"..%2fx":                 "a slash",
	"a?x=1":                  "a slash",
	"a#b":                    "a slash",
	"a b":                    "a slash",
	"a\tb":                   "a slash",
	"a\r\nX":                 "a slash",
	"a\x00":                  "a slash",
	"a\x7f":                  "a slash",
	"\xff\xfe":               "a slash",
	"a\u00a0b":               "a slash",
	"a\u2028b":               "a slash",
	"a\u200bb":               "a slash",
	"a\u202eb":               "a slash",
	strings.Repeat("a", 256): "longer than 255 bytes",
	strings.Repeat("é", 128): "longer than 255 bytes",
}

func TestCheckIDRefusesAllButOnePathElement(t *testing.T) {
	for id, problem := range ids {
		assert.ErrorContains(t, transport.CheckID(id), problem, "%q", id)
	}
	for _, id := range []string{"cust_123", "a-b", "jané", "日本", "a;b,c", "...", "{id}", "a+b=c&d", "~", strings.Repeat("a", 255)} {
		assert.NoError(t, transport.CheckID(id), "%q", id)
	}
}

func TestInvalidIDIsRefusedBeforeAnyIO(t *testing.T) {
	server := serve(t, respondOK)
	client := newClient(t, server.URL)
	for id := range ids {
		for _, call := range []transport.Call{
			{Method: "GET", Route: "/v1/apps/{appID}/things/{thingID}", ID: id, Credential: transport.APIKey},
			{Method: "GET", Route: "/v1/things/{other}/{thingID}", Own: &transport.Own{Values: []string{"a", id}}, Credential: transport.APIKey},
		} {
			assertInvalid(t, client.Do(t.Context(), call), "thingID")
		}
		if id == "" {
			continue
		}
		odd := newClient(t, server.URL, func(c *transport.Config) { c.AppID = id })
		assertInvalid(t, odd.Do(t.Context(), transport.Call{Method: "GET", Route: "/v1/apps/{appID}", Credential: transport.APIKey}), "appID")
	}
	assert.Empty(t, server.received())
}

// assertInvalid asserts that err is that of an argument, and returns it.
func assertInvalid(t *testing.T, err error, field string) *argumentError {
	t.Helper()
	var invalid *argumentError
	if assert.ErrorAs(t, err, &invalid) {
		assert.Equal(t, field, invalid.field)
	}
	return invalid
}

func TestMissingAppIDIsAnError(t *testing.T) {
	server := serve(t, respondOK)
	client := newClient(t, server.URL, func(c *transport.Config) { c.AppID = "" })
	err := client.Do(t.Context(), transport.Call{Method: "GET", Route: "/v1/apps/{appID}", Credential: transport.APIKey})
	require.ErrorIs(t, err, errNoAppID)
	assert.Empty(t, server.received())
	require.NoError(t, read(client, t.Context()), "a route that has no {appID} needs none")
}

func TestCheckRouteRefusesPathOutsideBaseURL(t *testing.T) {
	for _, route := range []string{
		"", "v1/things", "//other.example/v1", "/v1//things", "/v1/../admin", "/v1/./x", "/v1/..;/x", "/v1/.;a/x", "/..", "/.", "/%2e%2e/x", "/v1/%2f",
		"https://other.example/v1", "http:/other", "/v1?email=a", "/v1#x", `/v1\x`, "/v1/a b", "/v1/\n", "/v1/a\u00a0b", "/v1/x//",
		"/v1/{id", "/v1/id}", "/v1/a{id}", "/v1/{id}b", "/v1/{}", "/v1/{a}{b}", "/v1/{{id}}", "/v1/{..}", "/v1/{a b}",
	} {
		assert.Error(t, transport.CheckRoute(route), "%q", route)
	}
	for _, route := range []string{"/v1", "/v1/", "/v1/things/{id}", "/v1/apps/{appID}/things/{id}/parts", "/v1/a:b+c=d", "/v1/jané"} {
		assert.NoError(t, transport.CheckRoute(route), "%q", route)
	}
}

func TestInvalidQueryIsRefused(t *testing.T) {
	call := reading(nil)
	call.Query = "not a struct"
	assertInvalid(t, newClient(t, "http://localhost").Do(t.Context(), call), "query")
}

func TestInvalidBodyIsRefused(t *testing.T) {
	server := serve(t, respondOK)
	call := writing("")
	call.Body = math.NaN()
	assertInvalid(t, newClient(t, server.URL).Do(t.Context(), call), "params")
	assert.Empty(t, server.received())
}

func TestNilContextIsRefused(t *testing.T) {
	invalid := assertInvalid(t, read(newClient(t, "http://localhost"), nil), "ctx") //nolint:staticcheck // the point of the test
	assert.EqualError(t, invalid.problem, "is nil; pass context.Background() if there is no other context")
}
