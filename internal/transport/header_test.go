package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/transport"
)

func TestEachCallIsSentWithItsCredential(t *testing.T) {
	none := newClient(t, "http://localhost", func(c *transport.Config) { c.APIKey = "" }).AsCustomer("").AsAdmin("")
	for credential, want := range map[transport.Credential]http.Header{
		transport.APIKey:  {"X-Api-Key": {apiKey}},
		transport.Session: {"Authorization": {"Bearer " + sessionToken}},
		transport.Admin:   {"Authorization": {"Bearer " + adminToken}},
	} {
		server := serve(t, respondOK)
		require.NoError(t, newClient(t, server.URL).Do(t.Context(), as(credential)))
		sent := http.Header{}
		for _, name := range []string{"X-Api-Key", "Authorization", "Cookie", "Proxy-Authorization"} {
			if values := server.only(t).Header.Values(name); values != nil {
				sent[name] = values
			}
		}
		assert.Equal(t, want, sent)
		assert.Equal(t, credentialError{credential}, none.Do(t.Context(), as(credential)))
	}
}

func TestAsCustomerAndAsAdminLeaveTheirTransport(t *testing.T) {
	server := serve(t, respondOK)
	base := newClient(t, server.URL).AsCustomer("").AsAdmin("")
	jane, amir := base.AsCustomer("jane"), base.AsCustomer("amir")
	for _, client := range []*transport.Transport{jane, amir, jane.AsAdmin("x"), amir.AsCustomer("third")} {
		require.NoError(t, client.Do(t.Context(), as(transport.Session)))
	}
	var sent []string
	for _, r := range server.received() {
		sent = append(sent, r.Header.Get("Authorization"))
	}
	assert.Equal(t, []string{"Bearer jane", "Bearer amir", "Bearer jane", "Bearer third"}, sent)
	assert.Equal(t, credentialError{transport.Session}, base.Do(t.Context(), as(transport.Session)))
	assert.Equal(t, credentialError{transport.Admin}, jane.Do(t.Context(), as(transport.Admin)))
}

func TestTokenThatIsNotAHeaderValueIsRefused(t *testing.T) {
	server := serve(t, respondOK)
	for _, token := range []string{"two words", "x\r\nX-Admin: 1", "a\x00", "é", "\x7f"} {
		err := newClient(t, server.URL).AsCustomer(token).Do(t.Context(), as(transport.Session))
		assert.NotContains(t, assertInvalid(t, err, "token").Error(), token)
	}
	assert.Empty(t, server.received())
}

func TestHeadersOfARequest(t *testing.T) {
	for name, test := range map[string]struct {
		call transport.Call
		want http.Header // besides the credential and the idempotency key
	}{
		"a read":                       {reading(&object{}), http.Header{"Accept": {"application/json"}, "User-Agent": {"tests"}}},
		"a write":                      {writing("k"), http.Header{"Accept": {"application/json"}, "User-Agent": {"tests"}, "Content-Type": {"application/json"}}},
		"a write of JSON":              {transport.Call{Method: "PUT", Route: "/v1", Credential: transport.APIKey, Own: &transport.Own{Body: json.RawMessage("1")}}, http.Header{"Accept": {"application/json"}, "User-Agent": {"tests"}, "Content-Type": {"application/json"}}},
		"a write without a body":       {transport.Call{Method: "DELETE", Route: "/v1", Credential: transport.APIKey}, http.Header{"Accept": {"application/json"}, "User-Agent": {"tests"}}},
		"a read of a body of any type": {transport.Call{Method: "GET", Route: "/v1", Credential: transport.APIKey, Own: &transport.Own{Out: func(io.Reader) error { return nil }}}, http.Header{"Accept": {"*/*"}, "User-Agent": {"tests"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var sent http.Header
			client := newClient(t, "http://localhost", withNetwork(roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				sent = r.Header
				return response(200, strings.NewReader("{}")), nil
			})))
			require.NoError(t, client.Do(t.Context(), test.call))
			assert.Equal(t, []string{apiKey}, sent["X-Api-Key"])
			delete(sent, "X-Api-Key")
			delete(sent, "Idempotency-Key")
			assert.Equal(t, test.want, sent)
		})
	}
}

func TestIdempotencyKey(t *testing.T) {
	keysOf := func(t *testing.T, call transport.Call, change ...func(*transport.Config)) (keys []string) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			keys = append(keys, strings.Join(append(r.Header["Idempotency-Key"], r.Header["X-Once"]...), ","))
			w.WriteHeader(503)
		})
		require.Error(t, newClient(t, server.URL, change...).Do(t.Context(), call))
		return keys
	}
	t.Run("is the same on each attempt", func(t *testing.T) {
		assert.Equal(t, []string{"order-7", "order-7", "order-7", "order-7"}, keysOf(t, writing("order-7")))
		generated := keysOf(t, writing(""))
		require.Len(t, generated, 4)
		assert.Equal(t, []string{generated[0], generated[0], generated[0]}, generated[1:])
	})
	t.Run("is generated for each write without one", func(t *testing.T) {
		seen := map[string]bool{}
		for range 10 {
			seen[keysOf(t, writing(""))[0]] = true
		}
		assert.Len(t, seen, 10)
		assert.NotContains(t, seen, "")
		assert.NotEmpty(t, keysOf(t, transport.Call{Method: "DELETE", Route: "/v1", Credential: transport.APIKey})[0])
	})
	t.Run("is not sent with a read", func(t *testing.T) {
		assert.Equal(t, []string{"", "", "", ""}, keysOf(t, reading(nil)))
		assert.Equal(t, []string{"", "", "", ""}, keysOf(t, transport.Call{Method: "HEAD", Route: "/v1", Credential: transport.APIKey, IdempotencyKey: "k"}))
	})
	t.Run("is sent in the header of the configuration", func(t *testing.T) {
		header := func(c *transport.Config) { c.IdempotencyHeader, c.Retry = "x-once", transport.Retry{} }
		server := serve(t, respondOK)
		require.NoError(t, write(newClient(t, server.URL, header), t.Context(), "order-7"))
		assert.Equal(t, []string{"order-7"}, server.only(t).Header["X-Once"])
		assert.Empty(t, server.only(t).Header["Idempotency-Key"])
	})
	t.Run("is 1 to 255 visible ASCII characters", func(t *testing.T) {
		server := serve(t, respondOK)
		client := newClient(t, server.URL)
		for _, key := range []string{"with space", "line\nbreak", "é", "\x7f", strings.Repeat("k", 256)} {
			assertInvalid(t, write(client, t.Context(), key), "IdempotencyKey")
		}
		assert.Empty(t, server.received())
		require.NoError(t, write(client, t.Context(), strings.Repeat("~", 255)))
	})
}

func TestHeadersOfContract(t *testing.T) {
	named := func(c *transport.Config) {
		c.Contract = contract.Contract{APIKeyHeader: "authorization", SessionHeader: "x-session", AdminHeader: "X-Api-Key", IdempotencyHeader: "request-key", RequestIDHeader: "x-trace"}
	}
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("X-Trace", "trace-1")
		w.Header().Set("X-Request-Id", "req-1")
		respondJSON(w, 404, `{}`)
	})
	client := newClient(t, server.URL, named)
	err := write(client, t.Context(), "order-7")
	assert.Equal(t, "trace-1", failureOf(t, err).RequestID)
	require.Error(t, client.Do(t.Context(), as(transport.Session)))
	require.Error(t, client.Do(t.Context(), as(transport.Admin)))
	sent := server.received()
	assert.Equal(t, []string{"Bearer " + apiKey}, sent[0].Header["Authorization"])
	assert.Equal(t, []string{"order-7"}, sent[0].Header["Request-Key"])
	assert.Empty(t, sent[0].Header["X-Api-Key"])
	assert.Equal(t, []string{sessionToken}, sent[1].Header["X-Session"], "Bearer is of Authorization alone")
	assert.Empty(t, sent[1].Header["Authorization"])
	assert.Equal(t, []string{adminToken}, sent[2].Header["X-Api-Key"])
}

func TestFreeHeaderName(t *testing.T) {
	for c := range 0x100 {
		name := string([]byte{'x', byte(c)})
		want := strings.IndexByte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", byte(c)) >= 0
		assert.Equal(t, want, transport.FreeHeaderName(name), "%q", name)
		assert.Equal(t, c > ' ' && c < 0x7f, transport.ValidHeaderValue(name), "%q", name)
	}
	for _, taken := range []string{
		"X-Api-Key", "x-api-key", "Authorization", "Accept", "accept-encoding", "Connection", "Content-Encoding", "Content-Length", "content-type",
		"Cookie", "Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent",
	} {
		assert.False(t, transport.FreeHeaderName(taken), taken)
	}
	for _, free := range []string{"", "X-Tenant", "Accept-Language", "Idempotency-Key"} {
		assert.True(t, transport.FreeHeaderName(free), free)
	}
}

// fmt follows pointers and fields, whatever the verb.
func TestTransportPrintsNoCredential(t *testing.T) {
	client := newClient(t, "http://localhost")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, printed := range []string{fmt.Sprintf(verb, client), fmt.Sprintf(verb, *client)} {
			for _, secret := range []string{apiKey, sessionToken, adminToken, fmt.Sprintf("%x", apiKey)} {
				assert.NotContains(t, printed, secret)
			}
		}
	}
}

func TestTransportIsSafeForConcurrentUse(t *testing.T) {
	server := serve(t, respondOK)
	client := newClient(t, server.URL)
	done := make(chan error)
	for range 20 {
		go func() { done <- write(client.AsCustomer("jane"), context.WithoutCancel(t.Context()), "") }()
	}
	for range 20 {
		assert.NoError(t, <-done)
	}
	assert.Len(t, server.received(), 20)
}
