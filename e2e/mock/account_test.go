package mock

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/e2e/mock/executable"
)

// The commands of docs/testing.md check a server that differs from the assumptions as a user checks an
// account, and the conformance suite passes under the contract that they find.
func TestTestingPageOnRealAccount(t *testing.T) {
	requireProgram(t, "bash")
	root, err := filepath.Abs(filepath.FromSlash("../.."))
	require.NoError(t, err)
	page, err := os.ReadFile(filepath.Join(root, "docs", "testing.md"))
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)<!-- test: "+t.Name()+" -->\n```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 2)

	folder := t.TempDir()
	differs := filepath.Join(folder, "differs.json")
	require.NoError(t, os.WriteFile(differs, []byte(`{"ListField": "items", "DealsPath": "/v1/affiliate/leads"}`), 0o600))
	server := executable.Start(t, executable.Build(t), "-contract", differs)
	saved := filepath.Join(folder, "contract.json")
	adapt := strings.NewReplacer(
		"@latest", "",
		"$HOME/contract.json", saved,
		"contract.json", saved,
		"https://api.stackbe.io", server.URL,
		"API_KEY=…", "API_KEY="+server.APIKey,
		"APP_ID=…", "APP_ID="+server.AppID,
		"ADMIN_TOKEN=…", "ADMIN_TOKEN="+server.AdminToken,
		"SESSION_TOKEN=…", "SESSION_TOKEN="+server.Session,
		"CUSTOMER_ID=…", "CUSTOMER_ID="+server.CustomerID,
	)
	run := func(script string) (string, error) {
		bash := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", adapt.Replace(script))
		bash.Dir = root
		bash.Env = append(os.Environ(), "GOBIN="+folder, "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"),
			"STACKBE_BASE_URL="+server.URL, "NO_PROXY=*")
		output, err := bash.CombinedOutput()
		return string(output), err
	}

	output, err := run(blocks[0][1])
	var ended *exec.ExitError
	require.ErrorAs(t, err, &ended, output)
	assert.Equal(t, 1, ended.ExitCode(), output)
	assert.Contains(t, output, `ListField: "items",`)
	contract, err := os.ReadFile(saved)
	require.NoError(t, err)
	assert.JSONEq(t, `{"ListField": "items", "DealsPath": "/v1/affiliate/leads"}`, string(contract))
	output, err = run(blocks[1][1])
	require.NoError(t, err, output)
	assert.Contains(t, output, "--- PASS: TestLiveAPI")
	assert.NotContains(t, output, server.APIKey)
}
