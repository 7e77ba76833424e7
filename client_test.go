package stackbe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

func TestNewRefusesInvalidConfig(t *testing.T) {
	tests := map[string]struct {
		cfg   stackbe.Config
		field string
	}{
		"plain http on another host":     {stackbe.Config{BaseURL: "http://api.stackbe.io"}, "Config.BaseURL"},
		"plain http on a look-alike":     {stackbe.Config{BaseURL: "http://localhost.evil.com"}, "Config.BaseURL"},
		"plain http on 127.0.0.1.evil":   {stackbe.Config{BaseURL: "http://127.0.0.1.evil.com"}, "Config.BaseURL"},
		"credentials in the URL":         {stackbe.Config{BaseURL: "https://me:secret@api.stackbe.io"}, "Config.BaseURL"},
		"a query in the URL":             {stackbe.Config{BaseURL: "https://api.stackbe.io?x=1"}, "Config.BaseURL"},
		"an empty query in the URL":      {stackbe.Config{BaseURL: "https://api.stackbe.io?"}, "Config.BaseURL"},
		"a fragment in the URL":          {stackbe.Config{BaseURL: "https://api.stackbe.io#x"}, "Config.BaseURL"},
		"no scheme":                      {stackbe.Config{BaseURL: "api.stackbe.io"}, "Config.BaseURL"},
		"another scheme":                 {stackbe.Config{BaseURL: "ftp://api.stackbe.io"}, "Config.BaseURL"},
		"no host":                        {stackbe.Config{BaseURL: "https://"}, "Config.BaseURL"},
		"no URL":                         {stackbe.Config{BaseURL: "https://a b"}, "Config.BaseURL"},
		"an app id of two elements":      {stackbe.Config{AppID: "a/b"}, "Config.AppID"},
		"an app id of dots":              {stackbe.Config{AppID: ".."}, "Config.AppID"},
		"a key with a line break":        {stackbe.Config{APIKey: "sk_live_x\n"}, "Config.APIKey"},
		"a key with a header in it":      {stackbe.Config{APIKey: "x\r\nX-Admin: 1"}, "Config.APIKey"},
		"a user agent with a line break": {stackbe.Config{UserAgent: "shop\r\nX-Admin: 1"}, "Config.UserAgent"},
		"an idempotency header with a :": {stackbe.Config{IdempotencyHeader: "Key:"}, "Config.IdempotencyHeader"},
		"an idempotency header with ()":  {stackbe.Config{IdempotencyHeader: "a(b)"}, "Config.IdempotencyHeader"},
		"the header of the key":          {stackbe.Config{IdempotencyHeader: "x-api-key"}, "Config.IdempotencyHeader"},
		"the header of the token":        {stackbe.Config{IdempotencyHeader: "Authorization"}, "Config.IdempotencyHeader"},
		"a header of HTTP's own":         {stackbe.Config{IdempotencyHeader: "content-length"}, "Config.IdempotencyHeader"},
		"the version in the path":        {stackbe.Config{BaseURL: "https://api.stackbe.io/v1/"}, "Config.BaseURL"},
		"a path that goes up":            {stackbe.Config{BaseURL: "https://host/a/../b"}, "Config.BaseURL"},
		"waits that cross":               {stackbe.Config{Retry: &stackbe.Retry{MinWait: 2, MaxWait: 1}}, "Config.Retry"},
		"a negative timeout":             {stackbe.Config{Timeout: -1}, "Config.Timeout"},
		"a path that stays":              {stackbe.Config{BaseURL: "https://host/a/./b"}, "Config.BaseURL"},
		"a negative longest wait":        {stackbe.Config{Retry: &stackbe.Retry{Max: 1, MaxWait: -1}}, "Config.Retry"},
		"a negative wait with retries":   {stackbe.Config{Retry: &stackbe.Retry{Max: 1, MinWait: -1}}, "Config.Retry"},
		"waits that cross, with retries": {stackbe.Config{Retry: &stackbe.Retry{Max: 1, MinWait: 2, MaxWait: 1}}, "Config.Retry"},
		"negative retries":               {stackbe.Config{Retry: &stackbe.Retry{Max: -1}}, "Config.Retry"},
		"a negative wait":                {stackbe.Config{Retry: &stackbe.Retry{MinWait: -1}}, "Config.Retry"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			client, err := stackbe.New(test.cfg)
			assertRefused(t, err, test.field, test.cfg.BaseURL)
			assert.Nil(t, client)
		})
	}
	for _, base := range []string{"", "https://api.stackbe.io", "https://proxy.internal:8443/stackbe/", "https://proxy.internal/v1.2/.hidden/a..b/", "http://localhost:4010", "http://127.0.0.1:1", "http://[::1]:1"} {
		_, err := stackbe.New(stackbe.Config{BaseURL: base})
		assert.NoError(t, err, base)
	}
	_, err := stackbe.New(stackbe.Config{BaseURL: "http://stackbe.internal", AllowInsecure: true})
	assert.NoError(t, err)
}

func TestTokenThatIsNotAHeaderValueIsRefused(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, `{"enrolled":false}`) })
	client := newClient(t, server.URL)
	_, err := client.AsCustomer("x\r\nX-Admin: 1").Affiliates.GetDashboard(t.Context())
	assertRefused(t, err, "token", "")
	_, err = client.AsAdmin("two words").Affiliates.GetSettings(t.Context())
	assertRefused(t, err, "token", "")
	assert.Empty(t, server.received())
}

func TestAsCustomerLeavesOtherClientsAlone(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		mu.Lock()
		seen[r.Header.Get("Authorization")+r.Header.Get("X-Api-Key")]++
		mu.Unlock()
		respondJSON(w, 200, `{"enrolled":false}`)
	})
	client, err := stackbe.New(stackbe.Config{APIKey: apiKey, BaseURL: server.URL, HTTPClient: &http.Client{Transport: newTransport(t)}})
	require.NoError(t, err)
	jane, john := client.AsCustomer("jane"), client.AsCustomer("john")
	var group sync.WaitGroup
	for range 20 {
		for _, customer := range []*stackbe.Client{jane, john, jane.AsCustomer("third")} {
			group.Go(func() {
				_, err := customer.Affiliates.GetCurrent(t.Context())
				assert.NoError(t, err)
				_, err = customer.Affiliates.Get(t.Context(), "cust_1")
				assert.NoError(t, err)
			})
		}
	}
	group.Wait()
	assert.Equal(t, map[string]int{"Bearer jane": 20, "Bearer john": 20, "Bearer third": 20, apiKey: 60}, seen)
	_, err = client.Affiliates.GetCurrent(t.Context())
	assert.ErrorIs(t, err, stackbe.ErrNoSession)
}

func TestConfigOptionsAreSent(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		respondJSON(w, 201, `{"id":"a","status":"pending"}`)
	})
	client := newClient(t, server.URL, func(c *stackbe.Config) {
		c.UserAgent, c.IdempotencyHeader = "acme-shop/1.4 (linux)", "x-once"
	})
	require.NoError(t, apply(client, t.Context(), "my-key"))
	require.NoError(t, apply(client, t.Context(), ""))
	first, second := server.received()[0].Header, server.received()[1].Header
	assert.Equal(t, "acme-shop/1.4 (linux) stackbe-go/"+stackbe.Version, first.Get("User-Agent"))
	assert.Equal(t, "my-key", first.Get("X-Once"))
	assert.NotEmpty(t, second.Get("X-Once"))
	assert.Equal(t, "application/json", first.Get("Content-Type"))
	require.NoError(t, apply(client, t.Context(), strings.Repeat("k", 255)))
	for _, key := range []string{"with space", "line\nbreak", "é", strings.Repeat("k", 256)} {
		assertRefused(t, apply(client, t.Context(), key), "IdempotencyKey", key)
	}
	assert.Len(t, server.received(), 3)
}

func TestNewAcceptsEachCharacterOfAHeaderValue(t *testing.T) {
	for c := range 0x100 {
		text := string([]byte{'x', byte(c)})
		_, err := stackbe.New(stackbe.Config{APIKey: text})
		assert.Equal(t, c > ' ' && c < 0x7f, err == nil, "a key of %q", text)
		_, err = stackbe.New(stackbe.Config{UserAgent: text})
		assert.Equal(t, c >= ' ' && c < 0x7f, err == nil, "a user agent of %q", text)
		_, err = stackbe.New(stackbe.Config{IdempotencyHeader: text})
		want := strings.IndexByte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", byte(c)) >= 0
		assert.Equal(t, want, err == nil, "a header of %q", text)
	}
}

func TestArgumentErrorNamesTheFieldAndItsProblem(t *testing.T) {
	_, err := stackbe.New(stackbe.Config{Retry: &stackbe.Retry{Max: 1, MaxWait: -1}})
	assert.EqualError(t, err, "stackbe: Config.Retry holds a negative number")
	assert.ErrorIs(t, err, stackbe.ErrInvalidArgument)
	assert.NotErrorIs(t, err, stackbe.ErrNoAPIKey)
}

func TestConfigIsCopied(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(503) })
	retry := quick(1)
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.Retry = retry })
	retry.Max = 50
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	require.Error(t, err)
	assert.Len(t, server.received(), 2)
}

func TestConfigFromEnv(t *testing.T) {
	t.Setenv("STACKBE_API_KEY", "sk_live_1")
	t.Setenv("STACKBE_APP_ID", "app_1")
	t.Setenv("STACKBE_BASE_URL", "https://proxy.internal")
	assert.Equal(t, stackbe.Config{APIKey: "sk_live_1", AppID: "app_1", BaseURL: "https://proxy.internal"}, stackbe.ConfigFromEnv())
	client, err := stackbe.New(stackbe.Config{})
	require.NoError(t, err)
	_, err = client.Affiliates.Get(t.Context(), "cust_1")
	assert.ErrorIs(t, err, stackbe.ErrNoAPIKey, "New reads no environment")
}

// internal/transport tests what an attempt is; these, what this package makes of it.

func TestObserveReceivesAttemptsOfThisPackage(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 0 {
			drop(w)
			return
		}
		w.Header().Set("X-Request-Id", "req_1")
		w.Header().Set("X-RateLimit-Limit", "1000")
		w.Header().Set("X-RateLimit-Remaining", "998")
		w.Header().Set("X-RateLimit-Reset", "1900000000")
		respondJSON(w, 200, `{"enrolled":false}`)
	})
	var seen []stackbe.Attempt
	client := newClient(t, server.URL, func(c *stackbe.Config) {
		c.Observe = func(_ context.Context, a stackbe.Attempt) { seen = append(seen, a) }
	})
	before := time.Now()
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	require.NoError(t, err)
	require.Len(t, seen, 2)
	assert.ErrorAs(t, seen[0].Err, new(*stackbe.Error))
	assert.Positive(t, seen[0].RetryIn)
	second := seen[1]
	assert.WithinRange(t, second.Started, before, time.Now())
	assert.Positive(t, second.Duration)
	second.Started, second.Duration = time.Time{}, 0
	assert.Equal(t, stackbe.Attempt{
		Method: "GET", Route: "/v1/affiliate/by-customer/{customerID}", Number: 2, StatusCode: 200, RequestID: "req_1",
		RateLimit: stackbe.RateLimit{Limit: 1000, Remaining: 998, Reset: time.Unix(1_900_000_000, 0)},
	}, second)
}

func TestLoggerReceivesErrorsOfThisPackage(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { drop(w) })
	var log bytes.Buffer
	client := newClient(t, server.URL, func(c *stackbe.Config) {
		c.Retry = &stackbe.Retry{Max: 0}
		c.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
	require.ErrorAs(t, err, new(*stackbe.Error))
	var record map[string]any
	require.NoError(t, json.Unmarshal(log.Bytes(), &record), "it is one record")
	assert.Contains(t, record["error"], "stackbe: GET /v1/affiliate/apply/status: ")
}

func TestErrorsCarryTheRateLimit(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("X-RateLimit-Limit", "100")
		w.Header().Set("X-RateLimit-Remaining", "-3")
		w.Header().Set("X-RateLimit-Reset", "not a number")
		respondJSON(w, 401, `{"statusCode":401,"message":"Invalid API key","error":"Unauthorized"}`)
	})
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	var e *stackbe.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, stackbe.RateLimit{Limit: 100}, e.RateLimit)
	assert.EqualError(t, err, "stackbe: GET /v1/affiliate/by-customer/{customerID}: 401 Unauthorized: Invalid API key; check Config.APIKey")
}

func TestShortestTimeoutIsOneNanosecond(t *testing.T) {
	client := newClient(t, "http://localhost", func(c *stackbe.Config) { c.Timeout = 1 })
	require.ErrorIs(t, call(client, t.Context()), context.DeadlineExceeded)
}

func TestPlainHTTPIsAcceptedOnLoopbackOnly(t *testing.T) {
	for host, loopback := range map[string]bool{"LocalHost:4010": true, "127.0.0.1": true, "[::1]:1": true, "10.0.0.1": false, "localhost.example.com": false, "loca%C5%BFhost": false} {
		_, err := stackbe.New(stackbe.Config{BaseURL: "http://" + host})
		if loopback {
			assert.NoError(t, err, host)
			continue
		}
		assertRefused(t, err, "Config.BaseURL", host)
		_, err = stackbe.New(stackbe.Config{BaseURL: "http://" + host, AllowInsecure: true})
		assert.NoError(t, err, host)
	}
}
