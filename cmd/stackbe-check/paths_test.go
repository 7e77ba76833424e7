package main

import (
	"bytes"
	"fmt"
	"go/format"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// inFront starts a server that responds to the requests it takes, and forwards all others to an
// account.
func inFront(t *testing.T, a account, takes func(w http.ResponseWriter, r *http.Request) bool) map[string]string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !takes(w, r) {
			forward(t, w, r, a.URL)
		}
	}))
	t.Cleanup(server.Close)
	variables := a.variables()
	variables["STACKBE_BASE_URL"] = server.URL
	return variables
}

// unknownRoutes are how servers respond to a path that they do not have.
var unknownRoutes = map[string]func(w http.ResponseWriter, r *http.Request){
	"as NestJS does": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"message":"Cannot %s %s","error":"Not Found","statusCode":404}`, r.Method, r.URL.Path)
	},
	"as net/http does": func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
	"with a code": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"statusCode":404,"code":"NOT_FOUND","message":"Not Found"}`)
	},
}

// lacking is an account whose server does not have some endpoints, or any undocumented path, and
// says so in the given way. A server that authenticates first responds with 401 to every request
// without a credential.
func lacking(t *testing.T, a account, notFound http.HandlerFunc, asksFirst bool, fields ...string) map[string]string {
	t.Helper()
	mux := http.NewServeMux()
	for _, e := range methodsOfPaths {
		if !slices.Contains(fields, e.field) {
			mux.HandleFunc(e.method+" "+standard(e.field), func(w http.ResponseWriter, r *http.Request) { forward(t, w, r, a.URL) })
		}
	}
	if !slices.Contains(fields, "UpdateSettingsMethod") {
		mux.HandleFunc("PATCH "+standard("SettingsPath"), func(w http.ResponseWriter, r *http.Request) { forward(t, w, r, a.URL) })
	}
	return inFront(t, a, func(w http.ResponseWriter, r *http.Request) bool {
		if asksFirst && r.Header.Get("X-Api-Key") == "" && r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		if _, pattern := mux.Handler(r); pattern == "" {
			w.Header().Set("X-Request-Id", "req_1")
			notFound(w, r)
			return true
		}
		return false
	})
}

var methodsOfPaths = []struct{ field, method string }{
	{"ApplyPath", "POST"}, {"ApplicationStatusPath", "GET"}, {"AffiliateByCustomerPath", "GET"}, {"CurrentAffiliatePath", "GET"},
	{"DashboardPath", "GET"}, {"PortalLinkPath", "GET"}, {"TrackPath", "POST"}, {"DealsPath", "POST"}, {"ApplicationsPath", "GET"},
	{"ApplicationPath", "GET"}, {"ReviewPath", "POST"}, {"SettingsPath", "GET"},
}

// compiles fails if a printed literal is not valid Go, or not formatted.
func compiles(t *testing.T, literal string) {
	t.Helper()
	source := "package p\n\nvar c = " + literal + "\n"
	formatted, err := format.Source([]byte(source))
	require.NoError(t, err, source)
	assert.Len(t, strings.Split(string(formatted), "\n"), len(strings.Split(source, "\n")))
}

func TestMissingPathIsRefutedWithReason(t *testing.T) {
	for _, e := range methodsOfPaths {
		for how, notFound := range unknownRoutes {
			t.Run(e.field+" "+how, func(t *testing.T) {
				t.Parallel()
				a := newAccount(t, stackbe.Contract{})
				p := runCheck(t, lacking(t, a, notFound, false, e.field))
				assert.Equal(t, exitRefuted, p.status, p.output)
				f := p.finding(t, e.field)
				assert.Equal(t, refuted, f.Outcome, f.Why)
				assert.Empty(t, f.Found)
				assert.Contains(t, f.Why, standard(e.field))
				assert.Contains(t, f.Why, candidates[e.field][0])
				assert.Contains(t, p.Contract, "\t// "+e.field+`: "", // not found at any path tried: `+standard(e.field)+", ")
				assert.Equal(t, stackbe.Contract{}, pasted(t, p.Contract))
				compiles(t, p.Contract)
				for _, other := range methodsOfPaths {
					if other.field != e.field {
						assert.Equal(t, confirmed, p.finding(t, other.field).Outcome, other.field)
					}
				}
			})
		}
	}
}

func TestUnsupportedUpdateSettingsMethodIsRefuted(t *testing.T) {
	p := runCheck(t, lacking(t, newAccount(t, stackbe.Contract{}), unknownRoutes["as NestJS does"], false, "UpdateSettingsMethod"))
	assert.Equal(t, exitRefuted, p.status, p.output)
	f := p.finding(t, "UpdateSettingsMethod")
	assert.Equal(t, refuted, f.Outcome, f.Why)
	assert.Contains(t, p.Contract, "\t// UpdateSettingsMethod: \"\", // the settings take none of: PATCH, PUT, POST; ask StackBE\n")
	compiles(t, p.Contract)
}

func TestPrintedContractWithMissingPathsKeepsOtherFields(t *testing.T) {
	a := newAccount(t, stackbe.Contract{ListField: "items"})
	p := runCheck(t, lacking(t, a, unknownRoutes["as net/http does"], false, "DashboardPath", "DealsPath", "UpdateSettingsMethod"))
	assert.Equal(t, stackbe.Contract{ListField: "items"}, pasted(t, p.Contract))
	for _, field := range []string{"DashboardPath", "DealsPath", "UpdateSettingsMethod"} {
		assert.Contains(t, p.Contract, "\t// "+field+`: "", // `)
	}
	compiles(t, p.Contract)
}

func TestServerThatAuthenticatesFirstHasMissingReadPathsRefuted(t *testing.T) {
	for _, e := range methodsOfPaths {
		if e.method != http.MethodGet {
			continue
		}
		t.Run(e.field, func(t *testing.T) {
			t.Parallel()
			p := runCheck(t, lacking(t, newAccount(t, stackbe.Contract{}), unknownRoutes["as NestJS does"], true, e.field))
			assert.Equal(t, exitRefuted, p.status, p.output)
			assert.Equal(t, refuted, p.finding(t, e.field).Outcome, p.finding(t, e.field).Why)
			for _, header := range []string{"APIKeyHeader", "SessionHeader", "AdminHeader"} {
				assert.Equal(t, confirmed, p.finding(t, header).Outcome, p.finding(t, header).Why)
			}
		})
	}
	t.Run("and finds it elsewhere", func(t *testing.T) {
		moved := stackbe.Contract{DashboardPath: "/v1/affiliates/dashboard", ApplicationStatusPath: "/v1/affiliate/status"}
		a := newAccount(t, moved)
		p := runCheck(t, inFront(t, a, func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("X-Api-Key") != "" || r.Header.Get("Authorization") != "" {
				return false
			}
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}))
		assert.Equal(t, moved, pasted(t, p.Contract), p.output)
		assert.Equal(t, exitRefuted, p.status)
	})
	t.Run("and paths of writes, with -write", func(t *testing.T) {
		p := runCheck(t, lacking(t, newAccount(t, stackbe.Contract{}), unknownRoutes["as NestJS does"], true, "DealsPath"), "-write")
		assert.Equal(t, refuted, p.finding(t, "DealsPath").Outcome, p.finding(t, "DealsPath").Why)
	})
}

func TestPrefixThatAuthenticatesConfirmsNoPath(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	variables := inFront(t, a, func(w http.ResponseWriter, r *http.Request) bool {
		anonymous := r.Header.Get("X-Api-Key") == "" && r.Header.Get("Authorization") == ""
		switch {
		case anonymous && strings.HasPrefix(r.URL.Path, "/v1/affiliate"):
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/v1/affiliate/dashboard", r.URL.Path == "/v1/affiliate/deals":
			http.NotFound(w, r)
		default:
			return false
		}
		return true
	})
	p := runCheck(t, variables)
	assert.NotEqual(t, confirmed, p.finding(t, "DashboardPath").Outcome)
	assert.Equal(t, unknown, p.finding(t, "DealsPath").Outcome)
	assert.Contains(t, p.finding(t, "DealsPath").Why, "401")
	assert.Equal(t, confirmed, p.finding(t, "PortalLinkPath").Outcome)
}

func TestUnrelatedResponsesRefuteNoPath(t *testing.T) {
	for name, c := range map[string]struct {
		responds func(w http.ResponseWriter)
		why      string
	}{
		"500": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }, "500"},
		"503": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }, "503"},
		"429": {func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		}, "429"},
		"a redirect": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(http.StatusMovedPermanently)
		}, "301"},
		"a connection that is closed": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, "EOF"},
		"401":                         {func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }, ""},
		"403":                         {func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }, ""},
		"a record that is not found": {func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"statusCode":404,"code":"AFFILIATE_NOT_FOUND","message":"The customer is not a partner"}`)
		}, ""},
		"a record that is not found, without a code": {func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"statusCode":404,"message":"The customer is not a partner"}`)
		}, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			variables := inFront(t, newAccount(t, stackbe.Contract{}), func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/v1/affiliate/dashboard" {
					return false
				}
				c.responds(w)
				return true
			})
			p := runCheck(t, variables)
			assert.Equal(t, exitHolds, p.status, p.output)
			f := p.finding(t, "DashboardPath")
			assert.NotEqual(t, refuted, f.Outcome)
			if c.why != "" {
				assert.Equal(t, unknown, f.Outcome)
				assert.Contains(t, f.Why, c.why)
			}
			assert.Equal(t, unknown, p.finding(t, "DashboardStatsField").Outcome)
			assert.Equal(t, "stackbe.Contract{}", p.Contract)
			assert.Equal(t, confirmed, p.finding(t, "PortalLinkPath").Outcome, "one path says nothing of another")
		})
	}
}

func TestPathHiddenWithoutCredentialIsConfirmedWithIt(t *testing.T) {
	variables := inFront(t, newAccount(t, stackbe.Contract{}), func(w http.ResponseWriter, r *http.Request) bool {
		hidden := r.Header.Get("X-Api-Key") == "" && r.Header.Get("Authorization") == ""
		if hidden {
			http.NotFound(w, r)
		}
		return hidden
	})
	p := runCheck(t, variables)
	for _, e := range methodsOfPaths {
		if e.method == http.MethodGet {
			assert.Equal(t, confirmed, p.finding(t, e.field).Outcome, e.field)
			continue
		}
		assert.Equal(t, unknown, p.finding(t, e.field).Outcome, e.field)
	}
	assert.Equal(t, unknown, p.finding(t, "UpdateSettingsMethod").Outcome)
	assert.Equal(t, exitHolds, p.status)
}

func TestOtherServerIsReportedAsWrongBaseURL(t *testing.T) {
	for name, status := range map[string]int{"404": 404, "a redirect": 301} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			defer server.Close()
			variables := map[string]string{"STACKBE_BASE_URL": server.URL, "STACKBE_API_KEY": "sk", "STACKBE_APP_ID": "app_1", "STACKBE_ADMIN_TOKEN": "jwt"}
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), nil, func(name string) string { return variables[name] }, &stdout, &stderr)
			assert.NotEqual(t, exitHolds, code)
			assert.Contains(t, stdout.String()+stderr.String(), "STACKBE_BASE_URL")
		})
	}
}

func TestMissingInputIsNamedByVariableAndFlag(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	flags := map[string]string{
		"STACKBE_API_KEY": "-api-key", "STACKBE_APP_ID": "-app-id", "STACKBE_ADMIN_TOKEN": "-admin-token",
		"STACKBE_SESSION_TOKEN": "-session-token", "STACKBE_CUSTOMER_ID": "-customer-id",
	}
	names := []string{"STACKBE_API_KEY", "STACKBE_APP_ID", "STACKBE_ADMIN_TOKEN", "STACKBE_SESSION_TOKEN", "STACKBE_CUSTOMER_ID"}
	variable := regexp.MustCompile(`STACKBE_[A-Z_]+`)
	for _, mode := range [][]string{nil, {"-write"}} {
		full := runCheck(t, a.variables(), mode...)
		for subset := range 1 << len(names) {
			variables := map[string]string{"STACKBE_BASE_URL": a.URL}
			for i, name := range names {
				if subset&(1<<i) != 0 {
					variables[name] = a.variables()[name]
				}
			}
			p := runCheck(t, variables, mode...)
			for _, f := range p.Statements {
				if f.Outcome == full.finding(t, f.Field).Outcome || f.Why == full.finding(t, f.Field).Why {
					continue
				}
				assert.Equal(t, unknown, f.Outcome, f.Field)
				named := variable.FindAllString(f.Why, -1)
				if assert.NotEmpty(t, named, "%s: %s", f.Field, f.Why) {
					for _, name := range named {
						assert.NotContains(t, variables, name, "%s: %s", f.Field, f.Why)
						assert.Contains(t, f.Why, flags[name])
					}
				}
				assert.NotContains(t, f.Why, "not a partner")
			}
		}
	}
}

func TestCustomerWhoIsNotAPartnerIsNamedByVariable(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	variables := a.variables()
	variables["STACKBE_CUSTOMER_ID"] = a.CreateCustomer(stackbetest.CustomerParams{Email: "john@acme.com"})
	delete(variables, "STACKBE_SESSION_TOKEN")
	p := runCheck(t, variables)
	why := p.finding(t, "AffiliateCustomerIDField").Why
	assert.Contains(t, why, "the customer of STACKBE_CUSTOMER_ID is not a partner")
	assert.Contains(t, why, "not given: STACKBE_SESSION_TOKEN (or -session-token)")
	assert.Equal(t, confirmed, p.finding(t, "FractionalRates").Outcome, "the settings have a rate as well")
}

func TestWrongCredentialsAreNamedByVariable(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	for name, fields := range map[string][]string{
		"STACKBE_API_KEY":       {"APIKeyHeader"},
		"STACKBE_SESSION_TOKEN": {"SessionHeader", "DashboardStatsField", "PortalLinkExpiresAtField"},
		"STACKBE_ADMIN_TOKEN":   {"AdminHeader", "ListField", "SettingsLevelsField"},
	} {
		variables := a.variables()
		variables[name] = "wrong"
		p := runCheck(t, variables)
		assert.Equal(t, exitHolds, p.status)
		for _, field := range fields {
			assert.Equal(t, unknown, p.finding(t, field).Outcome)
			assert.Contains(t, p.finding(t, field).Why, "401")
			assert.Contains(t, p.finding(t, field).Why, name)
		}
	}
}

func TestSummaryCountsUnknownStatements(t *testing.T) {
	a := newAccount(t, stackbe.Contract{})
	variables := a.variables()
	output := func(args ...string) string {
		var stdout bytes.Buffer
		run(t.Context(), args, func(name string) string { return variables[name] }, &stdout, io.Discard)
		return stdout.String()
	}
	fields := reflect.TypeFor[contract.Contract]().NumField()
	assert.Contains(t, output(), fmt.Sprintf("\n%d confirmed, 0 refuted, 9 unknown.\nConfig.Contract for this account, as far as it was checked; 9 statements are unknown, and may be wrong:\n\n", fields-9))
	assert.Contains(t, output("-write"), "as far as it was checked; 1 statement is unknown, and may be wrong:\n\n")
	assert.Contains(t, output("-json"), `"unknown": 9`)
}
