package main

import (
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

func TestTheContractOfAFileIsServedAndPrinted(t *testing.T) {
	m := start(t, "-contract", contractFile(t, `{"ApplyPath": "/apply", "APIKeyHeader": "Authorization", "SessionHeader": "X-Session"}`))
	assert.Contains(t, m.greeting, "sk_test_mock  (Authorization: Bearer)")
	assert.Contains(t, m.greeting, "(X-Session)")
	_, curl, _ := strings.Cut(m.greeting, "\n\ncurl")
	curl, _, _ = strings.Cut("curl"+curl, "\n\n")
	status, body := m.replay(t, curl)
	assert.Equal(t, 201, status, body)
	status, _ = m.replay(t, strings.ReplaceAll(documentedApply, "https://api.stackbe.io", m.url))
	assert.Equal(t, 404, status)
}

func TestAFileThatIsNoContractIsAnErrorThatNamesTheFlag(t *testing.T) {
	for name, content := range map[string]string{
		"an unknown field":    `{"Colour": "green"}`,
		"an unusable value":   `{"ListField": "the list"}`,
		"a value of no field": `{"FractionalRates": "yes"}`,
		"not JSON":            `ListField: items`,
	} {
		assert.ErrorContains(t, run(t.Context(), []string{"-contract", contractFile(t, content)}, io.Discard), "-contract", name)
	}
	assert.ErrorContains(t, run(t.Context(), []string{"-contract", filepath.Join(t.TempDir(), "none.json")}, io.Discard), "-contract")
}
