package transport_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

func TestRetriedStatusesOfWrite(t *testing.T) {
	for status, attempts := range map[int][2]int{ // without and with the caller's key
		429: {3, 3}, 503: {3, 3}, 500: {1, 3}, 502: {1, 3}, 504: {1, 3}, 501: {1, 1}, 400: {1, 1}, 409: {1, 1},
	} {
		for i, key := range []string{"", "key-1"} {
			var keys []string
			server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				keys = append(keys, r.Header.Get("Idempotency-Key"))
				assert.JSONEq(t, `{"name":"Jané"}`, readAll(t, r.Body), "the body is whole on each attempt")
				respondJSON(w, status, `{"message":"m"}`)
			})
			client := newClient(t, server.URL, func(c *transport.Config) { c.Retry = quick(2) })
			require.Error(t, write(client, t.Context(), key))
			require.Len(t, keys, attempts[i], "%d with key %q", status, key)
			for _, sent := range keys {
				assert.Equal(t, keys[0], sent, "one key for all attempts")
			}
			if key != "" {
				assert.Equal(t, key, keys[0])
			}
		}
	}
}

func TestRetriedStatusesOfRead(t *testing.T) {
	for status, attempts := range map[int]int{
		429: 3, 500: 3, 502: 3, 503: 3, 504: 3, 400: 1, 401: 1, 403: 1, 404: 1, 408: 1, 409: 1, 425: 1, 501: 1, 505: 1, 520: 1, 300: 1,
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			call := reading(nil)
			call.Method = method
			client := newClient(t, "http://localhost", withNetwork(always(status, "x")), withRetries(quick(2)))
			f := failureOf(t, client.Do(t.Context(), call))
			assert.Equal(t, attempts, f.Attempts, "%s: %d", method, status)
		}
	}
}

func TestRetriedErrors(t *testing.T) {
	for name, test := range map[string]struct {
		err           error
		read, unkeyed int // attempts
	}{
		"a broken connection":                        {io.ErrUnexpectedEOF, 3, 1},
		"no connection":                              {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, 3, 3},
		"an error of a RoundTripper":                 {errors.New("broken"), 3, 1},
		"an untrusted certificate":                   {&tls.CertificateVerificationError{Err: errors.New("unknown authority")}, 1, 1},
		"an untrusted certificate while it connects": {&net.OpError{Op: "dial", Err: &tls.CertificateVerificationError{Err: errors.New("unknown authority")}}, 1, 1},
		"a redirect that is refused":                 {transport.ErrRedirectRefused, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			network := roundTripperFunc(func(*http.Request) (*http.Response, error) { return nil, test.err })
			client := newClient(t, "http://localhost", withNetwork(network), withRetries(quick(2)))
			assert.Equal(t, test.read, failureOf(t, read(client, t.Context())).Attempts)
			assert.Equal(t, test.read, failureOf(t, write(client, t.Context(), "key")).Attempts)
			assert.Equal(t, test.unkeyed, failureOf(t, write(client, t.Context(), "")).Attempts)
		})
	}
}

func TestUnknownSchemeIsNotRetried(t *testing.T) {
	assert.Equal(t, 1, failureOf(t, read(newClient(t, "ftp://localhost"), t.Context())).Attempts)
}

// A retry sends the same request, from its first byte on.
func TestRetrySendsTheRequestAgain(t *testing.T) {
	var requests []string
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		requests = append(requests, r.Method+" "+r.RequestURI+" "+readAll(t, r.Body))
		w.WriteHeader(503)
	})
	call := writing("")
	call.Own = &transport.Own{Query: url.Values{"notify": {"true"}}}
	require.Error(t, newClient(t, server.URL).Do(t.Context(), call))
	require.Len(t, requests, 4)
	for _, r := range requests {
		assert.Equal(t, `POST /v1/things?notify=true {"name":"Jané"}`, r)
	}
}

func TestUntrustedCertificateIsNotRetried(t *testing.T) {
	var dials atomic.Int32
	secure := serveTLS(t)
	network := newNetwork(t)
	network.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	client := newClient(t, secure.URL, func(c *transport.Config) { c.HTTPClient = &http.Client{Transport: network} })
	err := read(client, t.Context())
	require.ErrorContains(t, err, "certificate")
	assert.EqualValues(t, 1, dials.Load())
}

// A failure keeps its status and its retry, whatever its body is.
func TestRetryIsDecidedBeforeDecoding(t *testing.T) {
	bodies := map[string]func(w http.ResponseWriter, status int){
		"StackBE's JSON": func(w http.ResponseWriter, status int) {
			respondJSON(w, status, `{"statusCode":503,"message":"down","error":"Service Unavailable"}`)
		},
		"an HTML page": func(w http.ResponseWriter, status int) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html><h1>Bad gateway</h1></html>")
		},
		"no body": func(w http.ResponseWriter, status int) { w.WriteHeader(status) },
		"JSON cut in the middle": func(w http.ResponseWriter, status int) {
			w.Header().Set("Content-Length", "500")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"statusCode":503,"mess`)
		},
		"JSON of another shape": func(w http.ResponseWriter, status int) { respondJSON(w, status, `[1,2]`) },
	}
	for name, write := range bodies {
		for _, status := range []int{500, 502, 503, 504} {
			t.Run(name+" with "+http.StatusText(status)+" is retried and keeps its status", func(t *testing.T) {
				server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { write(w, status) })
				err := read(newClient(t, server.URL), t.Context())
				e := failureOf(t, err)
				assert.Equal(t, status, e.StatusCode)
				assert.Equal(t, 4, e.Attempts)
				assert.Len(t, server.received(), 4)
			})
		}
		t.Run(name+" before a success is left aside", func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
				if n == 0 {
					write(w, 502)
					return
				}
				respondJSON(w, 200, `{"enrolled":true,"id":"aff_1"}`)
			})
			var out object
			require.NoError(t, newClient(t, server.URL).Do(t.Context(), reading(&out)))
			assert.Equal(t, "aff_1", out.fields["id"])
		})
	}
}
