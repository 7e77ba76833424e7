package transport_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
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

// as is a read with another credential.
func as(credential transport.Credential) transport.Call {
	call := reading(nil)
	call.Credential = credential
	return call
}

// redirected makes a call of each credential whose first request is redirected
// to location, and returns the errors and what was sent after the redirect.
func redirected(t *testing.T, base, location string) (errs []error, followed []*http.Request) {
	t.Helper()
	for _, call := range []transport.Call{reading(nil), writing(""), as(transport.Session), as(transport.Admin)} {
		server := &redirectTo{location: location}
		errs = append(errs, newClient(t, base, withNetwork(server)).Do(t.Context(), call))
		followed = append(followed, server.requests[1:]...)
	}
	return errs, followed
}

func TestRedirectToTheSameOriginIsFollowed(t *testing.T) {
	for name, test := range map[string]struct{ base, location string }{
		"as a path":                             {"https://api.example.com", "/v2"},
		"unchanged":                             {"https://api.example.com", "https://api.example.com/v2"},
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

func TestRedirectToAnotherOriginIsRefused(t *testing.T) {
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
					assert.ErrorIs(t, err, transport.ErrRedirectRefused)
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
		client := newClient(t, secure.URL, func(c *transport.Config) { c.HTTPClient = secure.Client() })
		err := write(client, t.Context(), "key")
		require.ErrorIs(t, err, transport.ErrRedirectRefused)
		assert.Equal(t, 1, received)
	})
}

// A credential goes to the configured scheme, host and port alone.
func TestRedirects(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run("to another host is refused: "+http.StatusText(status), func(t *testing.T) {
			elsewhere := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, `{"enrolled":true}`) })
			server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				http.Redirect(w, r, elsewhere.URL+"/v1/affiliate", status)
			})
			client := newClient(t, server.URL)
			err := read(client, t.Context())
			require.ErrorIs(t, err, transport.ErrRedirectRefused)
			e := failureOf(t, err)
			assert.Equal(t, status, e.StatusCode)
			assert.Equal(t, 1, e.Attempts, "a redirect is not retried")
			require.ErrorIs(t, client.Do(t.Context(), as(transport.Session)), transport.ErrRedirectRefused)
			require.ErrorIs(t, write(client, t.Context(), "k"), transport.ErrRedirectRefused)
			assert.Empty(t, elsewhere.received())
		})
	}

	t.Run("from https to http is refused", func(t *testing.T) {
		plain := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, `{"enrolled":false}`) })
		secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, plain.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}))
		defer secure.Close()
		client := newClient(t, secure.URL, func(c *transport.Config) { c.HTTPClient = secure.Client() })
		err := read(client, t.Context())
		require.ErrorIs(t, err, transport.ErrRedirectRefused)
		assert.Empty(t, plain.received())
	})

	t.Run("on the same host is followed by a read", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 0 {
				http.Redirect(w, r, "/v2"+r.URL.Path, http.StatusMovedPermanently)
				return
			}
			respondJSON(w, 200, `{"enrolled":true,"id":"aff_1"}`)
		})
		var out object
		require.NoError(t, newClient(t, server.URL).Do(t.Context(), reading(&out)))
		assert.Equal(t, "aff_1", out.fields["id"])
		assert.Equal(t, apiKey, server.received()[1].Header.Get("X-Api-Key"))
	})

	t.Run("that would turn a write into a read is refused", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		})
		err := write(newClient(t, server.URL), t.Context(), "")
		require.ErrorIs(t, err, transport.ErrRedirectRefused)
		assert.Len(t, server.received(), 1)
	})

	t.Run("that keeps the method is followed by a write, body and key included", func(t *testing.T) {
		var keys, bodies []string
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			keys = append(keys, r.Header.Get("Idempotency-Key"))
			bodies = append(bodies, readAll(t, r.Body))
			if n == 0 {
				http.Redirect(w, r, "/v2"+r.URL.Path, http.StatusPermanentRedirect)
				return
			}
			respondJSON(w, 201, `{"clickId":"c"}`)
		})
		err := write(newClient(t, server.URL), t.Context(), "")
		require.NoError(t, err)
		assert.Equal(t, keys[0], keys[1])
		assert.NotEmpty(t, keys[0])
		assert.Equal(t, bodies[0], bodies[1])
	})

	t.Run("in a loop ends", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		})
		err := read(newClient(t, server.URL), t.Context())
		require.ErrorIs(t, err, transport.ErrRedirectRefused)
		assert.Len(t, server.received(), 6)
	})

	t.Run("to an address with credentials is refused", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "http://me:secret@"+r.Host+"/v2", http.StatusFound)
		})
		err := read(newClient(t, server.URL), t.Context())
		require.ErrorIs(t, err, transport.ErrRedirectRefused)
		assert.Len(t, server.received(), 1)
	})

	t.Run("has no Referer, which would hold the query", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 0 {
				http.Redirect(w, r, "/v2", http.StatusFound)
				return
			}
			respondJSON(w, 200, `{"applied":false}`)
		})
		call := reading(nil)
		call.Own = &transport.Own{Query: url.Values{"email": {"jane@acme.com"}}}
		require.NoError(t, newClient(t, server.URL).Do(t.Context(), call))
		assert.Empty(t, server.received()[1].Header.Get("Referer"))
	})
}

func TestCallersCheckRedirect(t *testing.T) {
	allow := func(r *http.Request, _ []*http.Request) error {
		r.Header.Set("Hop", "1")
		r.Host = "virtual.example.com"
		return nil
	}
	t.Run("it cannot send a credential to another host", func(t *testing.T) {
		server := &redirectTo{location: "https://elsewhere.example.com/v2"}
		client := newClient(t, "https://api.example.com", func(c *transport.Config) {
			c.HTTPClient = &http.Client{Transport: server, CheckRedirect: allow}
		})
		require.ErrorIs(t, read(client, t.Context()), transport.ErrRedirectRefused)
		assert.Len(t, server.requests, 1)
	})
	t.Run("it may allow a redirect, and change the request", func(t *testing.T) {
		server := &redirectTo{location: "/v2"}
		client := newClient(t, "https://api.example.com", func(c *transport.Config) {
			c.HTTPClient = &http.Client{Transport: server, CheckRedirect: allow}
		})
		require.NoError(t, read(client, t.Context()))
		require.Len(t, server.requests, 2)
		assert.Equal(t, "api.example.com", server.requests[0].Host)
		assert.Equal(t, "1", server.requests[1].Header.Get("Hop"))
		assert.Equal(t, "virtual.example.com", server.requests[1].Host)
		assert.Equal(t, apiKey, server.requests[1].Header.Get("X-Api-Key"))
	})
	t.Run("it may refuse a redirect, which is not retried", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "/v2"+r.URL.Path, http.StatusFound)
		})
		never := errors.New("no redirects here")
		own := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return never }}
		client := newClient(t, server.URL, func(c *transport.Config) { c.HTTPClient = own })
		own.CheckRedirect = nil // the client has a copy
		err := read(client, t.Context())
		require.ErrorIs(t, err, never)
		assert.Len(t, server.received(), 1)
	})
	t.Run("it may return the redirect as the response", func(t *testing.T) {
		client := newClient(t, "https://api.example.com", func(c *transport.Config) {
			c.HTTPClient = &http.Client{Transport: &redirectTo{location: "/v2"},
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		})
		e := failureOf(t, read(client, t.Context()))
		assert.Equal(t, http.StatusTemporaryRedirect, e.StatusCode)
		assert.NotErrorIs(t, e, transport.ErrRedirectRefused)
	})
}
