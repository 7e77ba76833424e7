package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func contractFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "contract.json")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

func TestContractFileIsServedAndPrinted(t *testing.T) {
	m := start(t, "-contract", contractFile(t, `{"ApplyPath": "/apply", "APIKeyHeader": "Authorization", "SessionHeader": "X-Session"}`))
	assert.Contains(t, m.greeting, "sk_test_mock  (Authorization: Bearer)")
	assert.Contains(t, m.greeting, "(X-Session)")
	_, curl, _ := strings.Cut(m.greeting, "\n\ncurl")
	curl, _, _ = strings.Cut("curl"+curl, "\n\n")
	status, body := m.replay(t, curl)
	assert.Equal(t, 201, status, body)
	status, body = m.replay(t, strings.ReplaceAll(documentedApply, "https://api.stackbe.io", m.url))
	assert.Equal(t, 404, status)
	assert.Contains(t, body, "GET /openapi.yaml describes those of the default contract, and this server speaks another")
	assert.Contains(t, m.greeting, m.url+"/openapi.yaml is that of the default contract")
}

func TestDefaultContractIsThatOfOpenAPI(t *testing.T) {
	for name, args := range map[string][]string{
		"without a file":         nil,
		"with an empty contract": {"-contract", contractFile(t, `{}`)},
		"with a default":         {"-contract", contractFile(t, `{"listfield": "data", "CursorField": null}`)},
	} {
		m := start(t, args...)
		assert.Contains(t, m.greeting, "The contract is at "+m.url+"/openapi.yaml.", name)
		_, body := m.replay(t, `curl https://api.stackbe.io/v1/nowhere`)
		assert.Contains(t, body, "GET /openapi.yaml describes those that there are", name)
	}
}

func TestInvalidContractFileIsAnErrorThatNamesFlag(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // so that a server that starts after all ends
	for name, c := range map[string]struct{ content, want string }{
		"an unknown field":              {`{"Color": "green"}`, `there is no field "Color"; go doc github.com/stackbe/stackbe-go.Contract lists the fields`},
		"a field that is nearly one":    {`{"ListFeild": "items"}`, `there is no field "ListFeild"; is it ListField? go doc`},
		"a field in snake case":         {`{"list_field": "items"}`, "is it ListField?"},
		"a field without its kind":      {`{"Dashboard": "/x"}`, "is it DashboardPath?"},
		"a plural":                      {`{"DealPath": "/x"}`, "is it DealsPath?"},
		"a field after one that is":     {`{"ListField": "items", "CursorFeild": "next"}`, "is it CursorField?"},
		"an unusable value":             {`{"ListField": "the list"}`, "ListField is not"},
		"a text where a truth belongs":  {`{"FractionalRates": "yes"}`, `FractionalRates takes true or false, not "yes"`},
		"a number where a text belongs": {`{"ListField": 1}`, "ListField takes a text in quotes, not 1"},
		"a field twice":                 {`{"ListField": "items", "ListField": "results"}`, "ListField occurs twice"},
		"a field twice in another case": {`{"ListField": "items", "listField": "results"}`, "listField occurs twice"},
		"not JSON":                      {`ListField: items`, "not a JSON object"},
		"Go":                            {`stackbe.Contract{ListField: "items"}`, "not a JSON object"},
		"an array":                      {`[]`, "not a JSON object"},
		"nothing":                       {``, "not a JSON object"},
		"an object without an end":      {`{"ListField": "items"`, "incomplete"},
		"a comma too many":              {`{"ListField": "items",}`, "at byte"},
		"a value that is none":          {`{"ListField": items}`, "at byte"},
		"something after it":            {`{"ListField": "items"} {}`, "more text after"},
	} {
		err := run(ctx, []string{"-contract", contractFile(t, c.content)}, io.Discard)
		assert.ErrorContains(t, err, "-contract: ", name)
		assert.ErrorContains(t, err, "contract.json: ", name)
		assert.ErrorContains(t, err, c.want, name)
	}
	assert.ErrorContains(t, run(ctx, []string{"-contract", filepath.Join(t.TempDir(), "none.json")}, io.Discard), "-contract")
}
