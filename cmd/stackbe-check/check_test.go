package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/contractfile"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// An account is a server that has something of everything.
type account struct {
	*stackbetest.Server
	customerID string
	session    string
}

const partnerEmail = "jane@acme.com"

func newAccount(t *testing.T, c stackbe.Contract) account {
	t.Helper()
	server := stackbetest.New(t, stackbetest.WithContract(c), stackbetest.WithUnknownRoutes())
	client := server.Client().AsAdmin(server.AdminToken)
	ctx := t.Context()
	review := enroll(t, client, partnerEmail)
	for i := range 3 {
		_, err := client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: fmt.Sprintf("pending%d@acme.com", i), Name: "Pending"})
		require.NoError(t, err)
	}
	_, err := client.Affiliates.UpdateSettings(ctx, affiliates.UpdateSettingsParams{Levels: []affiliates.Level{
		{Name: "Gold", MinPaidSubscriptions: 5, MinMonthlyValue: affiliates.MoneyFromCents(50_00), CommissionRate: affiliates.PercentFromInt(40)},
	}})
	require.NoError(t, err)
	a := account{server, review.Affiliate.CustomerID, server.SessionToken(review.Affiliate.CustomerID)}
	_, err = client.AsCustomer(a.session).Affiliates.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "lead@acme.com", LeadName: "Lead", Notes: "Met at conference"})
	require.NoError(t, err)
	return a
}

func enroll(t *testing.T, client *stackbe.Client, email string) *affiliates.Review {
	t.Helper()
	review, err := fixture.Enroll(t.Context(), client, affiliates.ApplyParams{Email: email, Name: "Jane"}, "")
	require.NoError(t, err)
	return review
}

func (a account) variables() map[string]string {
	return map[string]string{
		"STACKBE_BASE_URL":      a.URL,
		"STACKBE_API_KEY":       a.APIKey,
		"STACKBE_APP_ID":        a.AppID,
		"STACKBE_ADMIN_TOKEN":   a.AdminToken,
		"STACKBE_SESSION_TOKEN": a.session,
		"STACKBE_CUSTOMER_ID":   a.customerID,
	}
}

// A printed report is the part of the JSON report that the tests read.
type printed struct {
	Statements []finding
	Contract   string
	Refused    []string
	output     string
	status     int
}

func runCheck(t *testing.T, variables map[string]string, args ...string) printed {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), append(args, "-json"), func(name string) string { return variables[name] }, &stdout, &stderr)
	p := printed{output: stdout.String() + stderr.String(), status: status}
	if status != exitFailed {
		require.NoError(t, json.Unmarshal(stdout.Bytes(), &p), p.output)
	}
	return p
}

func (p printed) finding(t *testing.T, field string) finding {
	t.Helper()
	i := slices.IndexFunc(p.Statements, func(f finding) bool { return f.Field == field })
	require.GreaterOrEqual(t, i, 0, field)
	return p.Statements[i]
}

// pasted is the contract of a literal.
func pasted(t *testing.T, literal string) stackbe.Contract {
	t.Helper()
	var c stackbe.Contract
	for _, line := range regexp.MustCompile(`(?m)^\t(\w+): (.*),$`).FindAllStringSubmatch(literal, -1) {
		field := reflect.ValueOf(&c).Elem().FieldByName(line[1])
		require.True(t, field.IsValid(), line[1])
		if field.Kind() == reflect.Bool {
			field.SetBool(line[2] == "true")
			continue
		}
		text, err := strconv.Unquote(line[2])
		require.NoError(t, err)
		field.SetString(text)
	}
	return c
}

// unguessable is not a candidate: only its value identifies it.
const unguessable = "nameThatNobodyGuesses"

// flips are the contracts that differ from the default in one field.
func flips() map[string][]stackbe.Contract {
	flips := map[string][]stackbe.Contract{"FractionalRates": {{FractionalRates: true}}}
	for field := range candidates {
		values := append([]string{snake(standard(field))}, candidates[field]...)
		if !strings.HasSuffix(field, "Field") {
			values = values[1:]
		}
		if strings.HasSuffix(field, "Field") && field != "TrackURLField" {
			values = append(values, unguessable)
		}
		if field == "RequestIDHeader" {
			values = append(values, "X-Trace")
		}
		for _, value := range values {
			var c stackbe.Contract
			reflect.ValueOf(&c).Elem().FieldByName(field).SetString(value)
			if value != standard(field) && field != "SignatureHeader" {
				flips[field] = append(flips[field], c)
			}
		}
	}
	return flips
}

func TestContractFieldsHaveCandidates(t *testing.T) {
	fields := reflect.TypeFor[contract.Contract]()
	for i := range fields.NumField() {
		if fields.Field(i).Type.Kind() == reflect.String {
			assert.NotEmpty(t, candidates[fields.Field(i).Name], fields.Field(i).Name)
		}
	}
	for field := range candidates {
		_, ok := fields.FieldByName(field)
		assert.True(t, ok, field)
	}
}

func TestDefaultContractIsNotRefuted(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	t.Run("with -write everything but the signature is confirmed", func(t *testing.T) {
		p := runCheck(t, a.variables(), "-write")
		assert.Equal(t, exitHolds, p.status)
		assert.Equal(t, "stackbe.Contract{}", p.Contract)
		for _, f := range p.Statements {
			if f.Field == "SignatureHeader" {
				assert.Equal(t, unknown, f.Outcome)
				continue
			}
			assert.Equal(t, confirmed, f.Outcome, "%+v", f)
		}
	})
	t.Run("without -write, what only a write shows is unknown", func(t *testing.T) {
		p := runCheck(t, a.variables())
		assert.Equal(t, exitHolds, p.status)
		var open []string
		for _, f := range p.Statements {
			if f.Outcome == unknown {
				open = append(open, f.Field)
				assert.NotEmpty(t, f.Why)
			}
		}
		assert.ElementsMatch(t, []string{
			"SignatureHeader", "IdempotencyHeader", "TrackCodeField", "TrackURLField", "ClickIDField", "ClickCodeField", "ClickExpiresAtField",
			"ReviewApplicationField", "ReviewAffiliateField",
		}, open)
	})
}

func TestFlippedAssumptionChangesItsLineOnly(t *testing.T) {
	for _, mode := range [][]string{nil, {"-write"}} {
		baseline := runCheck(t, newAccount(t, stackbe.Contract{}).variables(), mode...)
		for field, contracts := range flips() {
			if mode == nil { // what is read is the same in both: the first, and the last
				contracts = slices.Compact([]stackbe.Contract{contracts[0], contracts[len(contracts)-1]})
			}
			for _, c := range contracts {
				value := assumed(reflect.ValueOf(c).FieldByName(field))
				t.Run(fmt.Sprintf("%s is %s %v", field, value, mode), func(t *testing.T) {
					t.Parallel()
					if baseline.finding(t, field).Outcome == unknown {
						t.Skip("only a write shows it")
					}
					p := runCheck(t, newAccount(t, c).variables(), mode...)
					if field == "DealNotesField" && value == unguessable && mode == nil {
						assert.Equal(t, unknown, p.finding(t, field).Outcome, "notes may be missing, so that another text is not taken for them")
						return
					}
					assert.Equal(t, exitRefuted, p.status, p.output)
					assert.Equal(t, c, pasted(t, p.Contract), p.Contract)
					for _, f := range p.Statements {
						if f.Field == field {
							assert.Equal(t, refuted, f.Outcome)
							assert.Equal(t, value, f.Found)
							continue
						}
						expected := baseline.finding(t, f.Field)
						if field == "ListField" && f.Field == "DealsListField" {
							expected.Assumed = value // unless it is set, it is the name of the other lists
						}
						assert.Equal(t, expected, f)
					}
				})
			}
		}
	}
}

// hold tests a server against the contract that was printed for it.
func hold(t *testing.T, a account, literal string) {
	t.Helper()
	foreign := a.AddApp()
	conformance.Run(t, conformance.Target{
		BaseURL: a.URL, APIKey: a.APIKey, AppID: a.AppID, AdminToken: a.AdminToken,
		Foreign:  conformance.Foreign{AppID: foreign.AppID, APIKey: foreign.APIKey, AdminToken: foreign.AdminToken},
		Contract: pasted(t, literal),
		Control: &conformance.Control{
			CreateCustomer: func(c conformance.Customer) string { return a.CreateCustomer(stackbetest.CustomerParams(c)) },
			SessionToken:   a.SessionToken,
			RecordPayment:  a.RecordPayment,
			Advance:        a.Advance,
		},
		Complete: true,
	})
}

func TestPrintedContractPassesConformanceSuite(t *testing.T) {
	everything := stackbe.Contract{FractionalRates: true}
	for field, values := range candidates {
		if field != "SignatureHeader" {
			reflect.ValueOf(&everything).Elem().FieldByName(field).SetString(values[0])
		}
	}
	for name, c := range map[string]stackbe.Contract{
		"with every field changed": everything,
		"with another path":        {DealsPath: "/v1/affiliate/leads"},
		"with a list of items":     {ListField: "items", CursorField: "next"},
		"with keys as Bearer":      {APIKeyHeader: "Authorization", SessionHeader: "X-Session-Token"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t, c)
			file := filepath.Join(t.TempDir(), "contract.json")
			p := runCheck(t, a.variables(), "-write", "-save", file)
			require.Equal(t, exitRefuted, p.status, p.output)
			require.Equal(t, c, pasted(t, p.Contract))
			saved, err := contractfile.Read(file)
			require.NoError(t, err)
			require.Equal(t, c, stackbe.Contract(saved))
			hold(t, a, p.Contract)
		})
	}
}

// everyFlip, if set, lets the conformance suite run once for each field, which takes minutes.
const everyFlip = "STACKBE_CHECK_EVERY_FLIP"

func TestPrintedContractOfEachFlipPassesConformanceSuite(t *testing.T) {
	if os.Getenv(everyFlip) == "" {
		t.Skip("set " + everyFlip)
	}
	for field, contracts := range flips() {
		t.Run(field, func(t *testing.T) {
			c := contracts[len(contracts)-1]
			a := newAccount(t, c)
			p := runCheck(t, a.variables(), "-write")
			require.Equal(t, c, pasted(t, p.Contract))
			hold(t, a, p.Contract)
		})
	}
}

func TestSaveThatCannotWriteExitsWith2BeforeAnyRequest(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	before := len(a.Requests())
	p := runCheck(t, a.variables(), "-write", "-save", t.TempDir())
	assert.Equal(t, exitFailed, p.status)
	assert.Contains(t, p.output, "is a directory")
	assert.Len(t, a.Requests(), before)
}

func TestReportIsPrintedEvenIfItCannotBeSaved(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("this system has no device that is full: ", err)
	}
	p := runCheck(t, newAccount(t, stackbe.Contract{ListField: "items"}).variables(), "-save", full)
	assert.Equal(t, exitFailed, p.status)
	assert.Contains(t, p.output, "no space left on device")
	assert.Contains(t, p.output, `ListField: \"items\"`)
}

func TestSaveKeepsFileIfNothingWasChecked(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer broken.Close()
	for name, url := range map[string]string{
		"as every response is 500": broken.URL,
		"as no response came":      "http://127.0.0.1:9",
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			file := filepath.Join(folder, "contract.json")
			require.NoError(t, os.WriteFile(file, []byte(`{"ListField": "items"}`), 0o600))
			variables := newAccount(t, stackbe.Contract{}).variables()
			variables["STACKBE_BASE_URL"] = url
			assert.Equal(t, exitFailed, runCheck(t, variables, "-save", file).status)
			saved, err := contractfile.Read(file)
			require.NoError(t, err)
			assert.Equal(t, "items", saved.ListField)

			assert.Equal(t, exitFailed, runCheck(t, variables, "-save", filepath.Join(folder, "new.json")).status)
			assert.NoFileExists(t, filepath.Join(folder, "new.json"))
		})
	}
}

func TestSaveReplacesLongerFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "contract.json")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat(" ", 1_000)+"x"), 0o600))
	require.Equal(t, exitRefuted, runCheck(t, newAccount(t, stackbe.Contract{ListField: "items"}).variables(), "-save", file).status)
	saved, err := contractfile.Read(file)
	require.NoError(t, err)
	assert.Equal(t, "items", saved.ListField)
}

func TestWithoutWriteOnlyReadsAreSent(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		credentialed := r.Header.Get("X-Api-Key") != "" || r.Header.Get("Authorization") != ""
		if credentialed && r.Method != http.MethodGet {
			t.Errorf("%s %s is sent with a credential", r.Method, r.URL.Path)
		}
		forward(t, w, r, a.URL)
	}))
	defer target.Close()
	variables := a.variables()
	variables["STACKBE_BASE_URL"] = target.URL
	assert.Equal(t, exitHolds, runCheck(t, variables).status)
}

func forward(t *testing.T, w http.ResponseWriter, r *http.Request, to string) {
	sent, err := http.NewRequestWithContext(r.Context(), r.Method, to+r.URL.RequestURI(), r.Body)
	if !assert.NoError(t, err) {
		return
	}
	sent.Header = r.Header.Clone()
	response, err := http.DefaultTransport.RoundTrip(sent)
	if !assert.NoError(t, err) {
		return
	}
	defer response.Body.Close()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}

func TestWriteMarksWhatItCreates(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	require.Equal(t, exitHolds, runCheck(t, a.variables(), "-write").status)
	found := 0
	for application, err := range a.Client().AsAdmin(a.AdminToken).Affiliates.Applications(t.Context(), affiliates.ApplicationFilter{}) {
		require.NoError(t, err)
		if strings.HasSuffix(application.Email, "@acme.com") {
			continue
		}
		found++
		assert.Regexp(t, `^stackbe-check\+\w+@stackbe-go\.example$`, application.Email)
		assert.Equal(t, "stackbe-check", application.Name)
	}
	assert.Equal(t, 1, found)
	dashboard, err := a.Client().AsCustomer(a.session).Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	assert.Regexp(t, `^stackbe-check\+`, dashboard.RecentDeals[0].LeadEmail)
	assert.Equal(t, 1, dashboard.Stats.Clicks, "a code that nobody has counts no click")
	for _, request := range a.Requests() {
		if request.Path == "/v1/affiliate/track" && request.Status == http.StatusCreated {
			assert.Contains(t, string(request.Body), `"url":"https://stackbe-go.example/stackbe-check"`)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	a := newAccount(t, stackbe.Contract{ListField: "items"})
	for _, args := range [][]string{{"-write"}, {"-write", "-json"}} {
		var stdout, stderr bytes.Buffer
		variables := a.variables()
		run(t.Context(), args, func(name string) string { return variables[name] }, &stdout, &stderr)
		for _, secret := range []string{a.APIKey, a.AdminToken, a.session, a.customerID, partnerEmail, "/portal/", "@"} {
			assert.NotContains(t, stdout.String()+stderr.String(), secret)
		}
	}
}

func TestSecretsFromHostileServerAreNotPrinted(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Api-Key") == "" && r.Header.Get("Authorization") == "" {
			w.WriteHeader(map[bool]int{true: 404, false: 401}[strings.HasSuffix(r.URL.Path, "nothing")])
			return
		}
		fmt.Fprint(w, `{"url":"https://x.example/secret","sk_live_secret":"2030-01-01T00:00:00Z","affiliate":{},"jane@acme.com":[{"id":"1","status":"approved"}]}`)
	}))
	defer server.Close()
	p := runCheck(t, map[string]string{
		"STACKBE_BASE_URL": server.URL, "STACKBE_API_KEY": "sk_live_secret", "STACKBE_APP_ID": "app_1", "STACKBE_ADMIN_TOKEN": "admin-token", "STACKBE_SESSION_TOKEN": "session-token",
	})
	for _, secret := range []string{"sk_live_secret", "jane@acme.com", "admin-token", "session-token"} {
		assert.NotContains(t, p.output, secret)
	}
}

func TestStatementsWithoutCredentialAreUnknown(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	for _, write := range [][]string{nil, {"-write"}} {
		p := runCheck(t, map[string]string{"STACKBE_BASE_URL": a.URL, "STACKBE_API_KEY": a.APIKey}, write...)
		assert.Equal(t, exitHolds, p.status)
		assert.Equal(t, confirmed, p.finding(t, "APIKeyHeader").Outcome)
		assert.Equal(t, unknown, p.finding(t, "SessionHeader").Outcome)
		assert.Contains(t, p.finding(t, "SessionHeader").Why, "STACKBE_SESSION_TOKEN")
		assert.Contains(t, p.finding(t, "ApplicationsPath").Why, "STACKBE_APP_ID")
		for _, f := range p.Statements {
			assert.NotEqual(t, refuted, f.Outcome, "%+v", f)
			assert.NotEmpty(t, f.Why, f.Field)
		}
	}
}

func TestRefusedCredentialDoesNotRefuteItsHeader(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	variables := a.variables()
	variables["STACKBE_API_KEY"] = "sk_live_wrong"
	p := runCheck(t, variables)
	assert.Equal(t, unknown, p.finding(t, "APIKeyHeader").Outcome)
	assert.Contains(t, p.finding(t, "APIKeyHeader").Why, "401")
	assert.Equal(t, exitHolds, p.status)
}

func TestRefusedCredentialsAreNamedLast(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	wrong := func(names ...string) map[string]string {
		variables := a.variables()
		for _, name := range names {
			variables[name] = "wrong-credential"
		}
		return variables
	}
	for name, c := range map[string]struct {
		variables map[string]string
		refused   []string
		last      string
	}{
		"one":  {wrong("STACKBE_API_KEY"), []string{"STACKBE_API_KEY"}, "Refused with 401, wherever it was sent: STACKBE_API_KEY."},
		"all":  {wrong("STACKBE_API_KEY", "STACKBE_SESSION_TOKEN", "STACKBE_ADMIN_TOKEN"), []string{"STACKBE_API_KEY", "STACKBE_SESSION_TOKEN", "STACKBE_ADMIN_TOKEN"}, "Refused with 401, wherever they were sent: STACKBE_API_KEY, STACKBE_SESSION_TOKEN, STACKBE_ADMIN_TOKEN."},
		"none": {a.variables(), []string{}, "stackbe.Contract{}"},
	} {
		t.Run(name, func(t *testing.T) {
			var table, document bytes.Buffer
			getenv := func(name string) string { return c.variables[name] }
			run(t.Context(), nil, getenv, &table, io.Discard)
			lines := strings.Split(strings.TrimSpace(table.String()), "\n")
			assert.Equal(t, c.last, lines[len(lines)-1])

			run(t.Context(), []string{"-json"}, getenv, &document, io.Discard)
			var report struct {
				BaseURL string
				Refused []string
			}
			require.NoError(t, json.Unmarshal(document.Bytes(), &report))
			assert.Equal(t, a.URL, report.BaseURL)
			assert.Equal(t, c.refused, report.Refused)
		})
	}
}

func TestAcceptedCredentialIsNotNamedAsRefused(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	for name, c := range map[string]struct {
		contract stackbe.Contract
		session  func(account) string
	}{
		"in another header": {stackbe.Contract{SessionHeader: "X-Session-Token"}, func(a account) string { return a.session }},
		"of a customer without partner": {stackbe.Contract{}, func(a account) string {
			return a.SessionToken(a.CreateCustomer(stackbetest.CustomerParams{Email: "plain@acme.com"}))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t, c.contract)
			variables := a.variables()
			variables["STACKBE_SESSION_TOKEN"] = c.session(a)
			assert.NotContains(t, runCheck(t, variables).output, "Refused")
			assert.Contains(t, runCheck(t, variables).output, `"refused": []`)
		})
	}
	t.Run("whose settings have a rate between 0 and 1", func(t *testing.T) {
		p := runCheck(t, newAccount(t, stackbe.Contract{FractionalRates: true}).variables())
		assert.Equal(t, "a rate between 0 and 1 was seen in the settings", p.finding(t, "FractionalRates").Why)
		p = runCheck(t, a.variables())
		assert.Equal(t, "a rate above 1 was seen in the settings", p.finding(t, "FractionalRates").Why)
		assert.Equal(t, "a PATCH there asks for a credential, so the path exists", p.finding(t, "UpdateSettingsMethod").Why)
	})
}

func TestServerThatAuthenticatesFirstHasNoPathsRefuted(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Api-Key") == "" && r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		forward(t, w, r, a.URL)
	}))
	defer target.Close()
	variables := a.variables()
	variables["STACKBE_BASE_URL"] = target.URL
	p := runCheck(t, variables, "-write")
	assert.Equal(t, exitHolds, p.status, p.output)
	assert.Equal(t, confirmed, p.finding(t, "DashboardPath").Outcome, "a response shows it")
	assert.Equal(t, confirmed, p.finding(t, "DealsPath").Outcome)
	assert.Equal(t, unknown, p.finding(t, "UpdateSettingsMethod").Outcome)
}

func TestFailureToCheckExitsWith2(t *testing.T) {
	for name, c := range map[string]struct {
		variables map[string]string
		args      []string
		want      string
	}{
		"without a credential":             {nil, nil, "STACKBE_API_KEY"},
		"with an argument":                 {map[string]string{"STACKBE_API_KEY": "sk"}, []string{"now"}, "now"},
		"with an unknown flag":             {nil, []string{"-color"}, "color"},
		"with plain http":                  {map[string]string{"STACKBE_API_KEY": "sk", "STACKBE_BASE_URL": "http://api.example"}, nil, "plain http"},
		"with a key of two lines":          {map[string]string{"STACKBE_API_KEY": "a\nb"}, nil, "APIKey"},
		"with a token of two lines":        {map[string]string{"STACKBE_SESSION_TOKEN": "a\nb"}, nil, "token"},
		"with an unusable customer id":     {map[string]string{"STACKBE_API_KEY": "sk", "STACKBE_CUSTOMER_ID": "../x"}, nil, "customer id"},
		"where nobody listens":             {map[string]string{"STACKBE_API_KEY": "sk_secret_key", "STACKBE_BASE_URL": "http://127.0.0.1:9"}, nil, "refused"},
		"with -webhook and no secret":      {nil, []string{"-webhook", "127.0.0.1:0"}, "STACKBE_WEBHOOK_SECRET"},
		"with -webhook and a short secret": {map[string]string{"STACKBE_WEBHOOK_SECRET": "short"}, []string{"-webhook", "nowhere"}, "STACKBE_WEBHOOK_SECRET"},
		"with -webhook of no address":      {map[string]string{"STACKBE_WEBHOOK_SECRET": "a secret of sixteen bytes"}, []string{"-webhook", "nowhere"}, "-webhook"},
	} {
		t.Run(name, func(t *testing.T) {
			p := runCheck(t, c.variables, c.args...)
			assert.Equal(t, exitFailed, p.status)
			assert.Contains(t, p.output, c.want)
			assert.NotContains(t, p.output, "sk_secret_key")
		})
	}
	assert.Equal(t, exitHolds, runHelp(t))
}

func runHelp(t *testing.T) int {
	return run(t.Context(), []string{"-help"}, func(string) string { return "" }, io.Discard, io.Discard)
}

func TestTableHasALineForEachStatementAndEndsWithContract(t *testing.T) {
	a := newAccount(t, stackbe.Contract{ListField: "items"})
	variables := a.variables()
	var stdout bytes.Buffer
	status := run(t.Context(), nil, func(name string) string { return variables[name] }, &stdout, io.Discard)
	assert.Equal(t, exitRefuted, status)
	lines := strings.Split(stdout.String(), "\n")
	assert.Equal(t, "Base URL: "+a.URL, lines[0])
	assert.Empty(t, lines[1])
	assert.Regexp(t, `^OUTCOME +FIELD +VALUE +WHY$`, lines[2])
	for i := range reflect.TypeFor[stackbe.Contract]().NumField() {
		assert.Regexp(t, `^(confirmed|refuted|unknown)  +`+reflect.TypeFor[stackbe.Contract]().Field(i).Name+" ", lines[3+i])
	}
	assert.Contains(t, stdout.String(), "items, not data")
	assert.True(t, strings.HasSuffix(stdout.String(), "\n\nstackbe.Contract{\n\tListField: \"items\",\n}\n"), stdout.String())
}

func TestDealsListFieldIsComparedWithListField(t *testing.T) {
	for name, c := range map[string]struct {
		contract stackbe.Contract
		line     string
	}{
		"the same":                      {stackbe.Contract{}, `confirmed +DealsListField +data +the array`},
		"the same, and not the default": {stackbe.Contract{ListField: "items"}, `confirmed +DealsListField +items +the array`},
		"another":                       {stackbe.Contract{DealsListField: "deals"}, `refuted +DealsListField +deals, not data +the array`},
		"the default, which is another": {stackbe.Contract{ListField: "items", DealsListField: "data"}, `refuted +DealsListField +data, not items +the array`},
	} {
		t.Run(name, func(t *testing.T) {
			variables := newAccount(t, c.contract).variables()
			var table bytes.Buffer
			run(t.Context(), nil, func(name string) string { return variables[name] }, &table, io.Discard)
			assert.Regexp(t, `(?m)^`+c.line, table.String())
			assert.Equal(t, c.contract, pasted(t, runCheck(t, variables).Contract))
		})
	}
}

func TestNameOfBothListsThatCannotBePastedIsUnknownForBoth(t *testing.T) {
	tooLong := strings.Repeat("n", 101)
	a := newAccount(t, stackbe.Contract{ListField: "items"})
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		forward(t, recorded, r, a.URL)
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(bytes.Replace(recorded.Body.Bytes(), []byte(`"items":[`), []byte(`"`+tooLong+`":[`), 1))
	}))
	defer target.Close()
	variables := a.variables()
	variables["STACKBE_BASE_URL"] = target.URL
	p := runCheck(t, variables)
	for _, field := range []string{"ListField", "DealsListField"} {
		assert.Equal(t, unknown, p.finding(t, field).Outcome, field)
		assert.Contains(t, p.finding(t, field).Why, tooLong, field)
	}
}

func TestAmountsAndRatesThatAreTextsAreFound(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	number := regexp.MustCompile(`"(pendingBalance|commissionRate|inReview|ready|minMonthlyValue)":([0-9.]+)`)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		forward(t, recorded, r, a.URL)
		recorded.Header().Del("Content-Length")
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(number.ReplaceAll(recorded.Body.Bytes(), []byte(`"$1":"$2"`)))
	}))
	defer target.Close()
	variables := a.variables()
	variables["STACKBE_BASE_URL"] = target.URL
	p := runCheck(t, variables)
	assert.Equal(t, exitHolds, p.status)
	for _, field := range []string{
		"AffiliatePendingBalanceField", "AffiliateCommissionRateField", "DashboardInReviewField", "DashboardReadyField",
		"LevelMinMonthlyValueField", "LevelCommissionRateField",
	} {
		assert.Equal(t, confirmed, p.finding(t, field).Outcome, "%+v", p.finding(t, field))
	}
}

func TestWaitIsAtMostTheLongest(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"":                           time.Second,
		"soon":                       time.Second,
		"-5":                         0,
		"3":                          3 * time.Second,
		"9999999999":                 maxWait,
		"9223372036854775807":        maxWait,
		"99999999999999999999999999": maxWait,
	} {
		assert.Equal(t, want, waitOf(http.Header{"Retry-After": {text}}), text)
	}
}

func TestConnectionThatBreaksAfterAllWaitsEndsNoCheck(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	var tried atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/dashboard") {
			forward(t, w, r, a.URL)
			return
		}
		if tried.Add(1) > maxWaits {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer target.Close()
	variables := a.variables()
	variables["STACKBE_BASE_URL"] = target.URL
	p := runCheck(t, variables)
	assert.Equal(t, exitHolds, p.status, p.output)
	assert.Equal(t, unknown, p.finding(t, "DashboardStatsField").Outcome)
}

func TestCheckEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		time.AfterFunc(0, cancel)
	}))
	defer server.Close()
	status := run(ctx, []string{"-api-key", "sk", "-base-url", server.URL}, func(string) string { return "" }, io.Discard, io.Discard)
	assert.Equal(t, exitFailed, status)
}
