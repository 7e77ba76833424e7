package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go"
)

const (
	statusPath    = "/v1/affiliate/apply/status"
	currentPath   = "/v1/affiliate"
	dashboardPath = "/v1/affiliate/dashboard"
	portalPath    = "/v1/affiliate/portal-link"
)

// public is an account whose server responds to reads of some paths whatever the credential is: a
// gateway adds the right one.
func public(t *testing.T, a account, paths ...string) map[string]string {
	t.Helper()
	byCustomer := "/v1/affiliate/by-customer/"
	return inFront(t, a, func(_ http.ResponseWriter, r *http.Request) bool {
		isPublic := slices.ContainsFunc(paths, func(path string) bool {
			return r.URL.Path == path || path == byCustomer && strings.HasPrefix(r.URL.Path, path)
		})
		if r.Method != http.MethodGet || !isPublic {
			return false
		}
		r.Header.Del("X-Api-Key")
		token := a.session
		switch {
		case r.URL.Path == statusPath || strings.HasPrefix(r.URL.Path, byCustomer):
			token = a.APIKey
		case strings.HasPrefix(r.URL.Path, "/v1/apps/"):
			token = a.AdminToken
		}
		r.Header.Set("Authorization", "Bearer "+token)
		return false
	})
}

func TestHeaderIsNotConfirmedByResponseThatNeedsNoCredential(t *testing.T) {
	bearer := stackbe.Contract{APIKeyHeader: "Authorization"}
	apps := "/v1/apps/"
	for name, c := range map[string]struct {
		contract stackbe.Contract
		public   func(a account) []string
		field    string
		want     outcome
		found    string
	}{
		"the header of the key is found at another path": {
			bearer, func(account) []string { return []string{statusPath} },
			"APIKeyHeader", refuted, "Authorization",
		},
		"the header of the key is unknown if both paths are public": {
			bearer, func(account) []string { return []string{statusPath, "/v1/affiliate/by-customer/"} },
			"APIKeyHeader", unknown, "",
		},
		"the header of the session is found at another path": {
			bearer, func(account) []string { return []string{currentPath, dashboardPath} },
			"SessionHeader", confirmed, "",
		},
		"the header of the session is unknown if all three paths are public": {
			bearer, func(account) []string { return []string{currentPath, dashboardPath, portalPath} },
			"SessionHeader", unknown, "",
		},
		"the header of the admin's token is found at another path": {
			bearer, func(a account) []string { return []string{apps + a.AppID + "/affiliates/applications"} },
			"AdminHeader", confirmed, "",
		},
		"the header of the admin's token is unknown if both paths are public": {
			bearer, func(a account) []string {
				return []string{apps + a.AppID + "/affiliates/applications", apps + a.AppID + "/affiliates/settings"}
			},
			"AdminHeader", unknown, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, c.contract)
			f := runCheck(t, public(t, a, c.public(a)...)).finding(t, c.field)
			assert.Equal(t, c.want, f.Outcome, f.Why)
			assert.Equal(t, c.found, f.Found)
			if c.want == unknown {
				assert.Contains(t, f.Why, "200 without a credential")
			}
		})
	}
}

func TestWrongCredentialIsNamedAsRefusedAlthoughPublicPathResponds(t *testing.T) {
	a := newAccount(t, stackbe.Contract{APIKeyHeader: "Authorization"})
	variables := public(t, a, statusPath)
	variables["STACKBE_API_KEY"] = "sk_live_wrong"
	p := runCheck(t, variables)
	assert.Equal(t, unknown, p.finding(t, "APIKeyHeader").Outcome, p.finding(t, "APIKeyHeader").Why)
	assert.Equal(t, []string{"STACKBE_API_KEY"}, p.Refused)
}

func TestHeaderIsConfirmedByRecordThatIsNotFoundWithIt(t *testing.T) {
	for status, want := range map[int]outcome{http.StatusNotFound: confirmed, http.StatusForbidden: unknown, http.StatusInternalServerError: unknown} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			f := runCheck(t, inFront(t, newAccount(t, stackbe.Contract{}), func(w http.ResponseWriter, r *http.Request) bool {
				carries := r.Method == http.MethodGet && r.Header.Get("X-Api-Key") != ""
				if carries {
					w.WriteHeader(status)
				}
				return carries
			})).finding(t, "APIKeyHeader")
			assert.Equal(t, want, f.Outcome, f.Why)
			assert.Contains(t, f.Why, fmt.Sprint(status))
		})
	}
}

func TestHeaderIsFoundAtServerThatRefusesMissingCredentialWith403(t *testing.T) {
	a := newAccount(t, stackbe.Contract{APIKeyHeader: "Authorization"})
	f := runCheck(t, inFront(t, a, func(w http.ResponseWriter, r *http.Request) bool {
		refused := r.Header.Get("Authorization") == ""
		if refused {
			w.WriteHeader(http.StatusForbidden)
		}
		return refused
	})).finding(t, "APIKeyHeader")
	assert.Equal(t, refuted, f.Outcome, f.Why)
	assert.Equal(t, "Authorization", f.Found)
}

func TestIdempotencyHeaderIsUnknownIfAnEmailHasOneApplicationWithoutKeyToo(t *testing.T) {
	f := runCheck(t, inFront(t, newAccount(t, stackbe.Contract{}), func(w http.ResponseWriter, r *http.Request) bool {
		applies := r.URL.Path == "/v1/affiliate/apply" && r.Header.Get("X-Api-Key") != ""
		if applies {
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"id":"app_of_this_email"}`)
		}
		return applies
	}), "-write").finding(t, "IdempotencyHeader")
	assert.Equal(t, unknown, f.Outcome, f.Why)
	assert.Contains(t, f.Why, "without a key as well")
}

// gateway is an account behind a gateway that has names of its own for the request id in some
// responses.
func gateway(t *testing.T, own func(r *http.Request) bool) map[string]string {
	t.Helper()
	return inFront(t, newAccount(t, stackbe.Contract{}), func(w http.ResponseWriter, r *http.Request) bool {
		if !own(r) {
			return false
		}
		w.Header().Set("X-Amzn-Requestid", "5c3e")
		w.Header().Set("Content-Type", "application/json")
		status := http.StatusUnauthorized
		if strings.HasSuffix(r.URL.Path, "nothing") {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%q}`, http.StatusText(status))
		return true
	})
}

func TestRequestIDHeaderIsThatOfTheAPIAndNotOfItsGateway(t *testing.T) {
	anonymous := func(r *http.Request) bool {
		return r.Header.Get("X-Api-Key") == "" && r.Header.Get("Authorization") == ""
	}
	for name, own := range map[string]func(*http.Request) bool{
		"whose 404 is its own":                func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "nothing") },
		"whose 404 and whose 401 are its own": func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "nothing") || anonymous(r) },
	} {
		t.Run(name, func(t *testing.T) {
			p := runCheck(t, gateway(t, own))
			assert.Equal(t, confirmed, p.finding(t, "RequestIDHeader").Outcome, p.finding(t, "RequestIDHeader").Why)
			assert.Equal(t, exitHolds, p.status)
		})
	}
	t.Run("of which every response that was seen may be", func(t *testing.T) {
		p := runCheck(t, gateway(t, func(*http.Request) bool { return true }))
		f := p.finding(t, "RequestIDHeader")
		assert.Equal(t, unknown, f.Outcome)
		assert.Contains(t, f.Why, "X-Amzn-Requestid")
	})
}

func TestServerThatRespondsAlikeToEveryPathConfirmsNothing(t *testing.T) {
	for name, body := range map[string]string{"with a page": "<!doctype html><title>StackBE</title>", "with an object": `{"status":"ok"}`} {
		t.Run(name, func(t *testing.T) {
			variables := inFront(t, newAccount(t, stackbe.Contract{}), func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("X-Amzn-Requestid", "1")
				fmt.Fprint(w, body)
				return true
			})
			for _, mode := range [][]string{nil, {"-write"}} {
				p := runCheck(t, variables, mode...)
				for _, f := range p.Statements {
					assert.Equal(t, unknown, f.Outcome, "%s: %s", f.Field, f.Why)
				}
				assert.Equal(t, exitFailed, p.status)
			}
		})
	}
}
