package refserver_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	contract "github.com/stackbe/stackbe-go/api"
)

const jane = `{"email": "jane@acme.com", "name": "Jane Smith", "company": "Acme", "website": "https://acme.com", "reason": "Friends"}`

func TestServedDocumentIsThatOfPackageAPI(t *testing.T) {
	got := newWorld(t).send(t, "GET", "/openapi.yaml", "")
	assert.Equal(t, string(contract.OpenAPI()), got.body)
	assert.Equal(t, "application/yaml; charset=utf-8", got.header.Get("Content-Type"))
}

func TestRefusalNamesEachProblemOfQuery(t *testing.T) {
	w := newWorld(t)
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
}

func TestUnknownCursorIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, cursor := range []string{"", "x", "AAAA", "AQAAAAA", "AgAAAAE", "AQAAAP8", "AQAAAAE=", "AQAAAAEA", "AQAAAAF"} {
		problems := w.refused(t, 400, "GET", w.path("applications?cursor="+cursor), "", w.admin())
		assert.Equal(t, []string{"cursor must be one that an earlier page gave"}, problems, cursor)
	}
}

func TestUnescapedEmailIsExplained(t *testing.T) {
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
