package mock

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/e2e/mock/executable"
)

// blocksOfTestingPage returns the commands of docs/testing.md that name the test.
func blocksOfTestingPage(t *testing.T) (blocks []string) {
	t.Helper()
	page, err := os.ReadFile(filepath.FromSlash("../../docs/testing.md"))
	require.NoError(t, err)
	marked := regexp.MustCompile("(?s)<!-- test: " + t.Name() + " -->\n```sh\n(.*?)```")
	for _, block := range marked.FindAllStringSubmatch(string(page), -1) {
		blocks = append(blocks, block[1])
	}
	return blocks
}

// runInRepository runs a script in the root of the repository. Programs that it installs are in the
// folder, and on its path.
func runInRepository(t *testing.T, folder, script string, environment ...string) (output string, err error) {
	t.Helper()
	requireProgram(t, "bash")
	bash := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	bash.Dir = filepath.FromSlash("../..")
	bash.Env = slices.Concat(os.Environ(), []string{"GOBIN=" + folder, "PATH=" + folder + string(os.PathListSeparator) + os.Getenv("PATH")}, environment)
	combined, err := bash.CombinedOutput()
	return string(combined), err
}

func TestTestingPageOnInstallation(t *testing.T) {
	blocks := blocksOfTestingPage(t)
	require.Len(t, blocks, 1)
	script := strings.ReplaceAll(blocks[0], "@latest", "") + "stackbe-mock -version"
	output, err := runInRepository(t, t.TempDir(), script)
	require.NoError(t, err, output)
	assert.Regexp(t, `(?m)^stackbe-mock `, output)
}

// The commands of docs/testing.md check a server that differs from the assumptions as a user checks an
// account, and the conformance suite passes under the contract that they find.
func TestTestingPageOnRealAccount(t *testing.T) {
	blocks := blocksOfTestingPage(t)
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
		return runInRepository(t, folder, adapt.Replace(script), "STACKBE_BASE_URL="+server.URL, "NO_PROXY=*")
	}

	output, err := run(blocks[0])
	var ended *exec.ExitError
	require.ErrorAs(t, err, &ended, output)
	assert.Equal(t, 1, ended.ExitCode(), output)
	assert.Contains(t, output, `ListField: "items",`)
	contract, err := os.ReadFile(saved)
	require.NoError(t, err)
	assert.JSONEq(t, `{"ListField": "items", "DealsPath": "/v1/affiliate/leads"}`, string(contract))
	output, err = run(blocks[1])
	require.NoError(t, err, output)
	assert.Contains(t, output, "--- PASS: TestLiveAPI")
	assert.NotContains(t, output, server.APIKey)
}
