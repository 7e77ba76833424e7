package transport_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/transport"
)

func TestHeaderOptionIsSentWithEachRequest(t *testing.T) {
	var values []string
	server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		values = append(values, r.Header.Get("Accept-Language")+"/"+r.Header.Get("Tenant"))
		switch n {
		case 0:
			w.WriteHeader(503)
		case 1:
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		default:
			respondJSON(w, 200, `{}`)
		}
	})
	client := newClient(t, server.URL)
	german := withHeader(t.Context(), "Accept-Language", "de, en;q=0.5")
	tenant := withHeader(german, "Tenant", "a\tb")
	require.NoError(t, read(client, tenant))
	require.NoError(t, read(client, german), "its options are those that it had before")
	require.NoError(t, read(client, t.Context()))
	with := "de, en;q=0.5/a\tb"
	assert.Equal(t, []string{with, with, with, "de, en;q=0.5/", "/"}, values)
}

func TestHeaderOptionIsRefusedBeforeAnyIO(t *testing.T) {
	server := serve(t, respondOK)
	client := newClient(t, server.URL, func(c *transport.Config) {
		c.Contract = contract.Contract{SessionHeader: "X-Session", IdempotencyHeader: "X-Once"}
	})
	for _, name := range []string{"", "a b", "a\n", "Authorization", "x-api-key", "Content-Type", "Host", "Cookie", "x-session", "X-ONCE"} {
		assertInvalid(t, read(client, withHeader(t.Context(), name, "v")), "WithHeader")
	}
	for _, value := range []string{"a\nb", "a\rb", "a\x00", "\x7f"} {
		invalid := assertInvalid(t, read(client, withHeader(t.Context(), "Tenant", value)), "WithHeader")
		assert.NotContains(t, invalid.Error(), value)
	}
	assert.Empty(t, server.received())
	require.NoError(t, read(client, withHeader(t.Context(), "Idempotency-Key", "v")), "under this contract it is not the SDK's")
}

func TestRetryOptionReplacesTheRetries(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) })
	client := newClient(t, server.URL)
	for _, retries := range []int{0, 1, 5} {
		assert.Equal(t, retries+1, failureOf(t, read(client, withRetry(t.Context(), quick(retries)))).Attempts)
	}
	assert.Equal(t, 4, failureOf(t, read(client, t.Context())).Attempts)
}

func TestInvalidOptionFailsCall(t *testing.T) {
	server := serve(t, respondOK)
	invalid := errors.New("it holds a negative number")
	ctx := transport.WithOptions(t.Context(), func(o *transport.Options) { o.Invalid = invalid })
	assert.Equal(t, invalid, read(newClient(t, server.URL), ctx))
	assert.Empty(t, server.received())
}

func TestCaptureReceivesTheLastResponse(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 3 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("X-Request-Id", fmt.Sprint("req_", n))
		w.Header().Set("X-RateLimit-Limit", "1000")
		w.Header().Set("X-RateLimit-Remaining", "9")
		w.Header().Set("X-RateLimit-Reset", "1768473060")
		w.Header().Set("Other", "x")
		respondJSON(w, []int{503, 200, 404}[n], `{}`)
	})
	client := newClient(t, server.URL)
	var captured transport.Captured
	ctx := withCapture(t.Context(), &captured)

	require.NoError(t, read(client, ctx))
	assert.Equal(t, "x", captured.Header.Get("Other"))
	captured.Header = nil
	limit := transport.RateLimit{Limit: 1000, Remaining: 9, Reset: time.Unix(1768473060, 0)}
	assert.Equal(t, transport.Captured{StatusCode: 200, RequestID: "req_1", RateLimit: limit, Attempts: 2}, captured)

	require.Error(t, read(client, ctx))
	captured.Header = nil
	assert.Equal(t, transport.Captured{StatusCode: 404, RequestID: "req_2", RateLimit: limit, Attempts: 1}, captured)

	require.Error(t, read(client, withRetry(ctx, transport.Retry{})))
	assert.Equal(t, transport.Captured{Attempts: 1}, captured, "no response came")

	captured = transport.Captured{}
	call := reading(nil)
	call.ID = ".."
	require.Error(t, client.Do(ctx, call))
	assert.Zero(t, captured, "nothing was sent")
}

func TestStatusIsThatOfTheLastAttempt(t *testing.T) {
	attempts := 0
	network := roundTripperFunc(func(*http.Request) (*http.Response, error) {
		if attempts++; attempts == 1 {
			return response(503, strings.NewReader("{}")), nil
		}
		return nil, errors.New("the connection is refused")
	})
	var captured transport.Captured
	client := newClient(t, "http://localhost", withNetwork(network))
	f := failureOf(t, read(client, withRetry(withCapture(t.Context(), &captured), quick(1))))
	assert.Equal(t, 2, f.Attempts)
	assert.Zero(t, f.StatusCode)
	assert.Equal(t, transport.Captured{Attempts: 2}, captured)
}

func TestCaptureReceivesUndecodedResponse(t *testing.T) {
	var captured transport.Captured
	client := newClient(t, "http://localhost", withNetwork(always(200, "<html>")))
	require.ErrorIs(t, read(client, withCapture(t.Context(), &captured)), transport.ErrInvalidResponse)
	assert.Equal(t, 200, captured.StatusCode)
}

func TestHeaderOptionValueIsRedacted(t *testing.T) {
	const secret = "tenant-canary-0123456789"
	network := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		return response(400, strings.NewReader("{}"), "X-Request-Id", "req-"+r.Header.Get("Tenant")), nil
	})
	f := failureOf(t, read(newClient(t, "http://localhost", withNetwork(network)), withHeader(t.Context(), "Tenant", secret)))
	assert.Contains(t, f.Secrets, secret)
	assert.Empty(t, f.RequestID)
}
