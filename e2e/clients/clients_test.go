package clients

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/stackbetest"
)

const document = "../../api/openapi.yaml"

// played is the output of each program.
const played = `{
	"applied": "pending", "duplicate": 409, "refusal": "ALREADY_EXISTS", "problems": 2, "status": "pending", "website": "http://acme.com/é",
	"code": "ZOE20", "enrolled": true, "pendingBalance": 19.99, "portal": 303, "click": "ZOE20", "replayed": "true", "deal": "registered",
	"settings": {
		"defaultCommissionRate": 20, "holdingPeriodDays": 30, "minPayoutAmount": 19.99, "cookieDurationDays": 14,
		"levels": [{"name": "Gold", "minPaidSubscriptions": 5, "minMonthlyValue": 4.35, "commissionRate": 12.07}],
		"plans": [
			{"id": "free", "name": "Free", "monthlyPrice": 0}, {"id": "pro", "name": "Pro", "monthlyPrice": 20},
			{"id": "business", "name": "Business", "monthlyPrice": 100}, {"id": "enterprise", "name": "Enterprise", "monthlyPrice": 250}
		]
	}
}`

func TestOapiCodegenClient(t *testing.T) {
	generated := t.TempDir()
	run(t, "go", "tool", "oapi-codegen", "-generate", "types,client", "-package", "client", "-o", filepath.Join(generated, "client.go"), document)
	assert.JSONEq(t, played, play(t, build(t, generated, "testdata/oapicodegen")))
}

func TestOgenClient(t *testing.T) {
	generated := t.TempDir()
	run(t, "go", "tool", "ogen", "-config", "ogen.yml", "-target", generated, "-package", "client", "-loglevel", "error", document)
	assert.JSONEq(t, played, play(t, build(t, generated, "testdata/ogen")))
}

func TestOpenAPITypeScriptClient(t *testing.T) {
	requireNode(t)
	const program, bin = "testdata/typescript", "../node_modules/.bin/"
	generated := t.TempDir()
	require.NoError(t, os.CopyFS(generated, os.DirFS(program)))
	modules, err := filepath.Abs("../node_modules")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(modules, filepath.Join(generated, "node_modules")))
	require.NoError(t, os.WriteFile(filepath.Join(generated, "package.json"), []byte(`{"type":"module"}`), 0o600))

	run(t, bin+"openapi-typescript", document, "--output", filepath.Join(generated, "client.d.ts"))
	run(t, bin+"tsc", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--skipLibCheck", filepath.Join(generated, "main.ts"))
	assert.JSONEq(t, played, play(t, "node", filepath.Join(generated, "main.js")))
}

// build compiles a program with the generated package as its folder client, by an overlay, so
// that the source tree stays as it is.
func build(t *testing.T, generated, program string) string {
	t.Helper()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	files, err := fs.Glob(os.DirFS(generated), "*.go")
	require.NoError(t, err)
	for _, file := range files {
		place, err := filepath.Abs(filepath.Join(program, "client", file))
		require.NoError(t, err)
		overlay.Replace[place] = filepath.Join(generated, file)
	}
	list, err := json.Marshal(overlay)
	require.NoError(t, err)
	directory := t.TempDir()
	overlayFile, executable := filepath.Join(directory, "overlay.json"), filepath.Join(directory, "program")
	require.NoError(t, os.WriteFile(overlayFile, list, 0o600))
	run(t, "go", "build", "-overlay", overlayFile, "-o", executable, "./"+program)
	return executable
}

// play runs a program on a reference server where a partner has earned 19.99.
func play(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	server := stackbetest.New(t)
	jane := affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"}
	review, err := fixture.Enroll(t.Context(), server.Client().AsAdmin(server.AdminToken), jane, "JANE20")
	require.NoError(t, err)
	customer := server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com", ReferralCode: "JANE20"})
	server.RecordPayment(customer, affiliates.MoneyFromCents(99_95))

	t.Setenv("STACKBE_BASE_URL", server.URL)
	t.Setenv("STACKBE_API_KEY", server.APIKey)
	t.Setenv("STACKBE_APP_ID", server.AppID)
	t.Setenv("STACKBE_ADMIN_TOKEN", server.AdminToken)
	t.Setenv("STACKBE_SESSION_TOKEN", server.SessionToken(review.Affiliate.CustomerID))
	return run(t, program, arguments...)
}

// run runs a program in this folder, and returns what it prints.
func run(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	var output, complaints bytes.Buffer
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Stdout, command.Stderr = &output, &complaints
	err := command.Run()
	require.NoError(t, err, "%s: %s%s", program, complaints.String(), output.String())
	return output.String()
}

// requireNode skips the test if Node.js and the packages of e2e are not installed; in CI, the
// test fails.
func requireNode(t *testing.T) {
	t.Helper()
	_, errNode := exec.LookPath("node")
	_, errPackages := os.Stat("../node_modules/openapi-typescript")
	if errNode == nil && errPackages == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		require.FailNow(t, "install Node.js 20 or later, and run npm ci in e2e")
	}
	t.Skip("install Node.js 20 or later, and run npm ci in e2e, to run this test")
}
