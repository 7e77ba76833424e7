package conformance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The guard is for a case that lacks its mark, which no run of the suite has.
func TestNothingThatChangesSettingsOrMovesMoneyIsSentWithoutLeave(t *testing.T) {
	for name, allowed := range map[string]bool{"without leave": false, "with leave": true} {
		s := newSuite(t, Target{BaseURL: "https://api.example/below/", Change: allowed})
		var sent []string
		guarded := s.guarded(transport(func(r *http.Request) (*http.Response, error) {
			sent = append(sent, r.Method+" "+r.URL.Path)
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
		}))
		var want []string
		for _, e := range s.endpoints() {
			path := "/below" + strings.NewReplacer("{", "", "}", "").Replace(e.path)
			request, err := http.NewRequestWithContext(t.Context(), e.method, "https://api.example"+path, http.NoBody)
			require.NoError(t, err)
			if allowed || !changing[e.method+" "+e.path] {
				want = append(want, e.method+" "+path)
			}
			if response, err := guarded.RoundTrip(request); err == nil {
				response.Body.Close()
			} else {
				assert.ErrorContains(t, err, envChange, name)
			}
		}
		assert.Equal(t, want, sent, name)
	}
}

// changing are the endpoints that need leave on a live target.
var changing = map[string]bool{
	"PATCH /v1/apps/{appID}/affiliates/settings":                 true,
	"POST /v1/affiliate/account/payouts":                         true,
	"PATCH /v1/affiliate/account/payouts/schedule":               true,
	"POST /v1/apps/{appID}/affiliates/payouts/{payoutID}/status": true,
	"POST /v1/apps/{appID}/invoices/{invoiceID}/refunds":         true,
}

// A transport is a function that sends requests.
type transport func(*http.Request) (*http.Response, error)

func (send transport) RoundTrip(r *http.Request) (*http.Response, error) { return send(r) }
