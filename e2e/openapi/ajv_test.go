package openapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/api"
	"github.com/stackbe/stackbe-go/e2e/openapi"
	"github.com/stackbe/stackbe-go/internal/conformance"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/stackbetest"
)

func TestAjvAcceptsTrafficOfConformanceSuite(t *testing.T) {
	requireAjv(t)
	validator := newValidator(t, http.DefaultTransport)
	if !t.Run("suite", func(t *testing.T) { conformance.Run(t, target(t, validator)) }) {
		t.Log("the suite fails by itself; the document is judged by what it got to send")
	}
	result := runAjv(t, validator.Traffic())
	assert.Empty(t, result.Problems)
	assert.Greater(t, result.Validated, 200)
}

func TestAjvAcceptsAddressesBeyondASCIIAndAmountsThatBinaryCannotHold(t *testing.T) {
	requireAjv(t)
	validator := newValidator(t, http.DefaultTransport)
	server := stackbetest.New(t)
	client := clientThrough(t, server, validator)
	admin := client.AsAdmin(server.AdminToken)

	for _, applicant := range []affiliates.ApplyParams{
		{Email: "é@x.com", Website: "http://acme.com/é"},
		{Email: "用户@例子.广告", Website: "https://例子.广告/路径?q=值#片段"},
		{Email: "jane+tag@mail.acme.co", Website: "HTTPS://ACME.COM:8443"},
		{Email: "o'brien@xn--bcher-kva.example", Website: "https://acme.com/?a[]=b"},
		{Email: "!#$%&*+-/=?^_`{|}~@acme.com", Website: "https://acme.com/%C3%A9"},
	} {
		applicant.Name = "Zoë"
		review, err := fixture.Enroll(t.Context(), admin, applicant, "")
		require.NoError(t, err, applicant.Email)
		customer := server.CreateCustomer(stackbetest.CustomerParams{Email: "of." + applicant.Email, ReferralCode: review.Affiliate.Code})
		partner := client.AsCustomer(server.SessionToken(review.Affiliate.CustomerID))
		for _, cents := range []int64{99_95, 21_75, 35, 5_50, 999_999_99} { // of which a fifth is earned
			server.RecordPayment(customer, affiliates.MoneyFromCents(cents))
			_, err = partner.Affiliates.GetDashboard(t.Context())
			require.NoError(t, err)
		}
	}
	for _, amount := range []int64{19_99, 4_35, 7} {
		least := affiliates.MoneyFromCents(amount)
		rate, err := affiliates.ParsePercent(least.String())
		require.NoError(t, err)
		_, err = admin.Affiliates.UpdateSettings(t.Context(), affiliates.UpdateSettingsParams{MinPayoutAmount: &least, DefaultCommissionRate: &rate})
		require.NoError(t, err)
	}
	assert.Empty(t, validator.Problems())
	assert.Empty(t, runAjv(t, validator.Traffic()).Problems)
}

func clientThrough(t *testing.T, server *stackbetest.Server, transport http.RoundTripper) *stackbe.Client {
	t.Helper()
	cfg := server.Config()
	cfg.HTTPClient = &http.Client{Transport: transport}
	client, err := stackbe.New(cfg)
	require.NoError(t, err)
	return client
}

func TestAjvRefusesWrongBody(t *testing.T) {
	requireAjv(t)
	for name, body := range map[string]string{
		"an email with a space":              `{"id":"a","email":"a b@x.com","name":"A","status":"pending","createdAt":"2025-01-15T10:30:00Z"}`,
		"an email with a zero-width space":   `{"id":"a","email":"ja\u200bne@x.com","name":"A","status":"pending","createdAt":"2025-01-15T10:30:00Z"}`,
		"an email with a direction override": `{"id":"a","email":"ja\u202ene@x.com","name":"A","status":"pending","createdAt":"2025-01-15T10:30:00Z"}`,
		"an email with a no-break space":     `{"id":"a","email":"ja\u00a0ne@x.com","name":"A","status":"pending","createdAt":"2025-01-15T10:30:00Z"}`,
		"a website with a byte order mark":   `{"id":"a","email":"a@x.com","name":"A","website":"https://acme.com/\ufeff","status":"pending","createdAt":"2025-01-15T10:30:00Z"}`,
		"an email without a dot":             `{"id":"a","email":"a@localhost","name":"A","status":"pending","createdAt":"2025-01-15T10:30:00Z"}`,
		"a website of no scheme":             `{"id":"a","email":"a@x.com","name":"A","website":"acme.com","status":"pending","createdAt":"2025-01-15T10:30:00Z"}`,
		"a time not in UTC":                  `{"id":"a","email":"a@x.com","name":"A","status":"pending","createdAt":"2025-01-15T10:30:00+01:00"}`,
		"a day that is none":                 `{"id":"a","email":"a@x.com","name":"A","status":"pending","createdAt":"2025-02-30T10:30:00Z"}`,
		"an unknown field":                   `{"id":"a","email":"a@x.com","name":"A","status":"pending","createdAt":"2025-01-15T10:30:00Z","color":"green"}`,
	} {
		t.Run(name, func(t *testing.T) {
			result := runAjv(t, []openapi.Exchange{{
				Method: "GET", Path: "/v1/apps/{appId}/affiliates/applications/{applicationId}", Status: 200, Received: json.RawMessage(body),
			}})
			assert.Len(t, result.Problems, 1)
		})
	}
}

type ajvResult struct {
	Validated int
	Problems  []string
}

// requireAjv skips the test if Ajv is not installed; in CI, the test fails.
func requireAjv(t *testing.T) {
	t.Helper()
	_, errNode := exec.LookPath("node")
	_, errAjv := os.Stat("../node_modules/ajv")
	if errNode == nil && errAjv == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		require.FailNow(t, "install Node.js 20 or later, and run npm ci in e2e")
	}
	t.Skip("install Node.js 20 or later, and run npm ci in e2e, to run this test")
}

func runAjv(t *testing.T, exchanges []openapi.Exchange) (result ajvResult) {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(api.OpenAPI())
	require.NoError(t, err)
	input, err := json.Marshal(map[string]any{"document": document, "exchanges": exchanges})
	require.NoError(t, err)

	var complaints bytes.Buffer
	program := exec.CommandContext(t.Context(), "node", "ajv.mjs")
	program.Stdin, program.Stderr = bytes.NewReader(input), &complaints
	output, err := program.Output()
	require.NoError(t, err, complaints.String())
	require.NoError(t, json.Unmarshal(output, &result))
	return result
}
