package stackbe_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// redirectTo is a server without a socket that redirects its first request.
type redirectTo struct {
	location string
	requests []*http.Request
}

func (s *redirectTo) RoundTrip(r *http.Request) (*http.Response, error) {
	s.requests = append(s.requests, r)
	response := &http.Response{StatusCode: 200, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"id":"a","enrolled":true,"affiliate":{}}`))}
	if len(s.requests) == 1 {
		response.StatusCode = http.StatusTemporaryRedirect
		response.Header.Set("Location", s.location)
	}
	return response, nil
}

// redirected makes a call of each credential whose first request is redirected
// to location, and returns the errors and what was sent after the redirect.
func redirected(t *testing.T, base, location string) (errs []error, followed []*http.Request) {
	t.Helper()
	for _, call := range []string{"Get", "Apply", "GetDashboard", "GetApplication"} {
		server := &redirectTo{location: location}
		client := newClient(t, base, func(c *stackbe.Config) {
			c.AllowInsecure, c.HTTPClient = true, &http.Client{Transport: server}
		})
		errs = append(errs, calls[call](t.Context(), client.Affiliates))
		followed = append(followed, server.requests[1:]...)
	}
	return errs, followed
}

func TestHardPlaceRedirectsToTheSameOrigin(t *testing.T) {
	for name, test := range map[string]struct{ base, location string }{
		"as a path":                             {"https://api.example.com", "/v2"},
		"as it is":                              {"https://api.example.com", "https://api.example.com/v2"},
		"with the default port of https":        {"https://api.example.com", "https://api.example.com:443/v2"},
		"without the default port of https":     {"https://api.example.com:443", "https://api.example.com/v2"},
		"with the default port of http":         {"http://api.example.com", "http://api.example.com:80/v2"},
		"without the default port of http":      {"http://localhost:80", "http://localhost/v2"},
		"with a colon and no port":              {"https://api.example.com", "https://api.example.com:/v2"},
		"in upper case":                         {"https://api.example.com", "https://API.EXAMPLE.COM/v2"},
		"in other letters from A to Z":          {"https://az.example.com", "https://AZ.example.com/v2"},
		"in lower case":                         {"https://API.Example.com", "https://api.example.com/v2"},
		"with the scheme in upper case":         {"https://api.example.com", "HTTPS://api.example.com/v2"},
		"with all of these":                     {"HTTPS://Api.Example.Com", "//aPI.eXAMPLE.cOM:443/v2"},
		"as another form of an IPv6 address":    {"http://[::1]:80", "http://[0:0:0:0:0:0:0:1]/v2"},
		"as an IPv6 address in upper case":      {"https://[fe80::a]", "https://[FE80::A]:443/v2"},
		"as an IPv6 address with the same zone": {"https://[fe80::a%25eth0]", "https://[FE80::A%25eth0]/v2"},
	} {
		t.Run(name+" are followed, with the credential", func(t *testing.T) {
			errs, followed := redirected(t, test.base, test.location)
			for _, err := range errs {
				require.NoError(t, err)
			}
			require.Len(t, followed, 4)
			assert.Equal(t, []string{apiKey}, followed[0].Header["X-Api-Key"])
			assert.Equal(t, []string{apiKey}, followed[1].Header["X-Api-Key"])
			assert.Equal(t, "POST", followed[1].Method)
			assert.Equal(t, []string{"Bearer " + sessionToken}, followed[2].Header["Authorization"])
			assert.Equal(t, []string{"Bearer " + adminToken}, followed[3].Header["Authorization"])
			for _, r := range followed {
				assert.Equal(t, "/v2", r.URL.Path)
				assert.Empty(t, r.Header.Get("Referer"))
			}
		})
	}
}

func TestHardPlaceRedirectsToAnotherOrigin(t *testing.T) {
	for name, test := range map[string]struct{ base, location string }{
		"http":                                     {"https://api.example.com", "http://api.example.com/v2"},
		"http on the port of https":                {"https://api.example.com", "http://api.example.com:443/v2"},
		"http on the same port":                    {"https://api.example.com:8443", "http://api.example.com:8443/v2"},
		"https":                                    {"http://localhost", "https://localhost/v2"},
		"https on the port of http":                {"http://localhost", "https://localhost:80/v2"},
		"another scheme":                           {"https://api.example.com", "ftp://api.example.com/v2"},
		"another port":                             {"https://api.example.com", "https://api.example.com:8443/v2"},
		"the port of http":                         {"https://api.example.com", "https://api.example.com:80/v2"},
		"the default port instead of another":      {"https://api.example.com:8443", "https://api.example.com/v2"},
		"another form of the port":                 {"https://api.example.com", "https://api.example.com:0443/v2"},
		"a subdomain":                              {"https://example.com", "https://api.example.com/v2"},
		"the domain above":                         {"https://api.example.com", "https://example.com/v2"},
		"a host that ends alike":                   {"https://example.com", "https://an-example.com/v2"},
		"a host with a dot at its end":             {"https://api.example.com", "https://api.example.com./v2"},
		"a letter that folds to another":           {"https://api.stackbe.io", "https://api.stac%E2%84%AAbe.io/v2"},
		"an address for a name":                    {"http://localhost", "http://127.0.0.1/v2"},
		"a short form of an address":               {"http://127.0.0.1", "http://127.1/v2"},
		"an address of IPv6 that holds one of 4":   {"http://127.0.0.1", "http://[::ffff:127.0.0.1]/v2"},
		"another address of IPv6":                  {"http://[::1]", "http://[::2]/v2"},
		"another zone":                             {"https://[fe80::a%25eth0]", "https://[fe80::a%25eth1]/v2"},
		"the zone in other letters":                {"https://[fe80::a%25eth0]", "https://[fe80::a%25ETH0]/v2"},
		"no zone":                                  {"https://[fe80::a%25eth0]", "https://[fe80::a]/v2"},
		"no host":                                  {"https://api.example.com", "https:///v2"},
		"the same host with userinfo":              {"https://api.example.com", "https://me:secret@api.example.com/v2"},
		"the same host with a name in its address": {"https://api.example.com", "https://api.example.com:443@example.org/v2"},
	} {
		t.Run(name+" are refused", func(t *testing.T) {
			errs, followed := redirected(t, test.base, test.location)
			assert.Empty(t, followed)
			for _, err := range errs {
				require.Error(t, err)
				assert.NotContains(t, err.Error(), "secret")
				if !strings.Contains(test.location, ":///") { // net/http refuses it first
					assert.ErrorIs(t, err, stackbe.ErrRedirectRefused)
				}
			}
		})
	}

	t.Run("from https to http on the same port are refused by a real client", func(t *testing.T) {
		var received int
		secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			received++
			http.Redirect(w, r, "http://"+r.Host+"/v2", http.StatusTemporaryRedirect)
		}))
		defer secure.Close()
		client := newClient(t, secure.URL, func(c *stackbe.Config) { c.HTTPClient = secure.Client() })
		_, err := client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: "key"})
		require.ErrorIs(t, err, stackbe.ErrRedirectRefused)
		assert.Equal(t, 1, received)
	})
}

func TestPlainHTTPIsForLoopbackAlone(t *testing.T) {
	for _, host := range []string{
		"localhost", "LocalHost", "LOCALHOST:4010", "127.0.0.1", "127.0.0.1:80", "127.255.255.254", "[::1]", "[0:0:0:0:0:0:0:1]:1",
		"[::ffff:127.0.0.1]", "[::1%25lo]",
	} {
		t.Run(host+" is loopback", func(t *testing.T) {
			_, err := stackbe.New(stackbe.Config{BaseURL: "http://" + host})
			assert.NoError(t, err)
		})
	}
	for _, host := range []string{
		"10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "8.8.8.8", "126.255.255.255", "128.0.0.1", "[::]", "[::2]", "[fe80::1]",
		"[fe80::1%25lo]", "[::ffff:10.0.0.1]", "[2001:db8::1]", "localhost.", "localhost.example.com", "my.localhost", "127.0.0.1.example.com", "127.1",
		"2130706433", "0x7f.0.0.1", "loca%C5%BFhost", // ſ folds to s
	} {
		t.Run(host+" is not loopback", func(t *testing.T) {
			_, err := stackbe.New(stackbe.Config{BaseURL: "http://" + host})
			assertRefused(t, err, "Config.BaseURL", host)
			_, err = stackbe.New(stackbe.Config{BaseURL: "http://" + host, AllowInsecure: true})
			assert.NoError(t, err)
		})
	}
}
