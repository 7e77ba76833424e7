package http2

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// upstream acts on each request, and hangs up without a response.
type upstream struct {
	*httptest.Server
	requests atomic.Int64
}

func startUpstream(t *testing.T) *upstream {
	u := &upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		u.requests.Add(1)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			conn.Close()
		}
	}))
	t.Cleanup(u.Close)
	return u
}

var calls = map[string]func(ctx context.Context, client *stackbe.Client) error{
	"a write without a key": func(ctx context.Context, client *stackbe.Client) error { return apply(ctx, client, "") },
	"a write with a key":    func(ctx context.Context, client *stackbe.Client) error { return apply(ctx, client, "order-7") },
	"a read": func(ctx context.Context, client *stackbe.Client) error {
		_, err := client.Affiliates.Get(ctx, "cust_1")
		return err
	},
}

func apply(ctx context.Context, client *stackbe.Client, key string) error {
	_, err := client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: key})
	return err
}

var proxies = map[string]func(t *testing.T, u *upstream) proxy{
	"HAProxy": func(t *testing.T, u *upstream) proxy { return startHAProxy(t, u.Listener.Addr().String()) },
	"nginx":   func(t *testing.T, u *upstream) proxy { return startNginx(t, "proxy_pass "+u.URL+";") },
}

// A proxy makes a response of 502 of that, or a stream reset with PROTOCOL_ERROR or
// REFUSED_STREAM, after which net/http alone would send the request again and again.
func TestCallHasOneEffectForEachAttempt(t *testing.T) {
	for name, start := range proxies {
		for kind, call := range calls {
			for _, retries := range []int{0, 2} {
				t.Run(fmt.Sprintf("%s through %s with %d retries", kind, name, retries), func(t *testing.T) {
					t.Parallel()
					u := startUpstream(t)
					want := int64(1)
					if kind != "a write without a key" {
						want += int64(retries)
					}
					e := failedCall(t, start(t, u), call, retries)
					assert.EqualValues(t, want, e.Attempts)
					assert.Equal(t, want, u.requests.Load())
				})
			}
		}
	}
}

// nginx closes the connection where its configuration says 444, which over HTTP/2 is a
// PROTOCOL_ERROR. Its access log tells what reached it.
func TestNginxThatClosesReceivesOneRequestForEachAttempt(t *testing.T) {
	for kind, call := range calls {
		for _, retries := range []int{0, 2} {
			t.Run(fmt.Sprintf("%s with %d retries", kind, retries), func(t *testing.T) {
				t.Parallel()
				log := filepath.Join(t.TempDir(), "access.log")
				p := startNginx(t, "access_log "+log+"; return 444;")
				e := failedCall(t, p, call, retries)
				want := 1
				if kind != "a write without a key" {
					want += retries
				}
				assert.Equal(t, want, e.Attempts)
				lines, err := os.ReadFile(log)
				require.NoError(t, err)
				assert.Equal(t, want, strings.Count(string(lines), "\n"), "%s", lines)
			})
		}
	}
}

// failedCall makes a call that has to end by itself, and returns its error.
func failedCall(t *testing.T, p proxy, call func(context.Context, *stackbe.Client) error, retries int) *stackbe.Error {
	t.Helper()
	retry := stackbe.Retry{}
	if retries > 0 {
		retry = stackbe.Retry{Max: retries, MinWait: time.Millisecond}
	}
	var observed int
	client, err := stackbe.New(stackbe.Config{
		APIKey: "sk_live_0123456789", BaseURL: p.url, HTTPClient: p.client, Retry: &retry,
		Observe: func(context.Context, stackbe.Attempt) { observed++ },
	})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err = call(ctx, client)
	require.NoError(t, ctx.Err(), "the call ends by itself")
	var e *stackbe.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, e.Attempts, observed)
	return e
}

// The same proxies in front of an upstream that works.
func TestCallSucceedsThroughProxy(t *testing.T) {
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			u := &upstream{Server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(map[string]any{"id": "a", "status": "pending", "enrolled": true})
			}))}
			defer u.Close()
			p := start(t, u)
			client, err := stackbe.New(stackbe.Config{APIKey: "sk_live_0123456789", BaseURL: p.url, HTTPClient: p.client})
			require.NoError(t, err)
			for kind, call := range calls {
				require.NoError(t, call(t.Context(), client), kind)
			}
		})
	}
}
