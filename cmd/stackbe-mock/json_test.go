package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJSONIsAllOfStandardOutput(t *testing.T) {
	p := startProcess(t, "-demo")
	var all map[string]any
	require.NoError(t, json.Unmarshal([]byte(p.line), &all))
	for _, name := range []string{"url", "appId", "apiKey", "adminToken", "customerId", "affiliateId", "email", "code", "session", "webhookSecret", "openapiUrl", "controlUrl", "consoleUrl", "version"} {
		assert.NotEmpty(t, all[name], name)
	}
	assert.Contains(t, get(t, p.URL+"/v1/affiliate/dashboard", "Authorization", "Bearer "+p.Session), "JANE20")
	assert.Contains(t, get(t, p.URL+"/v1/affiliate/by-customer/"+p.CustomerID, "X-Api-Key", p.APIKey), p.AffiliateID)
	assert.Contains(t, get(t, p.URL+"/v1/apps/"+p.AppID+"/affiliates/settings", "Authorization", "Bearer "+p.AdminToken), "minPayoutAmount")
	assert.Contains(t, get(t, p.OpenAPIURL), "openapi:")
	assert.Contains(t, get(t, p.ControlURL+"/clock"), "now")
	assert.Contains(t, get(t, p.ConsoleURL), "<html")
	assert.Empty(t, p.interrupt(t), "nothing follows the line")
}

func TestJSONNamesWebhook(t *testing.T) {
	p := startProcess(t, "-webhook-url", "http://127.0.0.1:9/hook", "-webhook-secret", "a secret of my own")
	assert.Equal(t, "http://127.0.0.1:9/hook", p.WebhookURL)
	assert.Equal(t, "a secret of my own", p.WebhookSecret)
}

func TestSameSeedGivesSameCredentials(t *testing.T) {
	first, second, other := startProcess(t, "-seed", "7"), startProcess(t, "-seed", "7"), startProcess(t, "-seed", "8")
	assert.Equal(t, first.Session, second.Session)
	assert.Equal(t, first.AffiliateID, second.AffiliateID)
	assert.NotEqual(t, first.Session, other.Session)
	assert.Equal(t, startProcess(t, "-seed", "-0").Session, startProcess(t, "-seed", "0").Session)
	assert.NotEqual(t, startProcess(t).Session, startProcess(t).Session, "without a seed")
}

func TestVersion(t *testing.T) {
	status, stdout, stderr := runs(t, "", "-version")
	assert.Zero(t, status)
	assert.Empty(t, stderr)
	assert.Regexp(t, regexp.MustCompile(`^stackbe-mock \S+ go1\.\S+ \w+/\w+\n$`), stdout)
}

func TestPortalLinksBeginWithPublicURL(t *testing.T) {
	p := startProcess(t, "-public-url", "https://mock.example.com/")
	assert.Contains(t, get(t, p.URL+"/v1/affiliate/portal-link", "Authorization", "Bearer "+p.Session), `"https://mock.example.com/portal/`)
	assert.True(t, strings.HasPrefix(p.ConsoleURL, "https://mock.example.com/console/"), p.ConsoleURL)
}

func TestControlAndConsoleAreOffBeyondLoopbackUnlessPublic(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"on loopback":                   {nil, 200},
		"on every address":              {[]string{"-addr", "0.0.0.0:0"}, 403},
		"on every address, but -public": {[]string{"-addr", "0.0.0.0:0", "-public"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			m := start(t, c.args...)
			status, body := call(t, http.MethodGet, m.url+"/_mock/clock", "")
			assert.Equal(t, c.want, status, body)
			status, body = call(t, http.MethodGet, m.url+"/_mock/snapshot", "")
			assert.Equal(t, c.want, status, body)
			assert.Equal(t, c.want == 200, strings.Contains(m.greeting, "/console/"), m.greeting)
			assert.Equal(t, c.want != 200, strings.Contains(m.greeting, "-public turns it on"), m.greeting)
			for _, path := range []string{"/console", "/console/"} {
				status, body = call(t, http.MethodGet, m.url+path, "")
				assert.Equal(t, c.want == 403, strings.Contains(body, "start it with -public"), body)
				assert.NotEqual(t, 404, status)
			}
			assert.Contains(t, get(t, m.url+"/openapi.yaml"), "openapi", "the API is on")
			assert.Contains(t, get(t, m.url+"/_mock/health"), "ok")
		})
	}
}

// statusUnder is the status of a page under a name of the server.
func statusUnder(t *testing.T, host, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode
}

func TestConsoleRefusesNamesOfOtherHosts(t *testing.T) {
	m := start(t)
	assert.Equal(t, http.StatusForbidden, statusUnder(t, "rebound.example", m.url+"/console/"))
}

func TestConsoleRespondsUnderPublicURL(t *testing.T) {
	p := startProcess(t, "-public-url", "https://mock.example.com:8443/")
	link := p.URL + strings.TrimPrefix(p.ConsoleURL, "https://mock.example.com:8443")
	for host, status := range map[string]int{
		"mock.example.com:8443": http.StatusOK, "Mock.Example.com": http.StatusOK, "127.0.0.1": http.StatusOK,
		"rebound.example": http.StatusForbidden, "mock.example.com.rebound.example": http.StatusForbidden,
	} {
		assert.Equal(t, status, statusUnder(t, host, link), host)
	}
	assert.Equal(t, http.StatusForbidden, statusUnder(t, "mock.example.com:8443", p.URL+"/_mock/clock"), "the control API needs no credential")
}
