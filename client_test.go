package stackbe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

func TestNewRefusesWhatItCannotUse(t *testing.T) {
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

func TestTokensThatNoHeaderCanCarryAreRefusedByTheCall(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 200, `{"enrolled":false}`) })
	client := newClient(t, server.URL)
	_, err := client.AsCustomer("x\r\nX-Admin: 1").Affiliates.GetDashboard(t.Context())
	assertRefused(t, err, "token", "")
	_, err = client.AsAdmin("two words").Affiliates.GetSettings(t.Context())
	assertRefused(t, err, "token", "")
	assert.Empty(t, server.received())
}

func TestEachCallCarriesExactlyOneCredential(t *testing.T) {
	byKey := []string{"Apply", "GetApplicationStatus", "Get", "TrackReferral"}
	bySession := []string{"GetCurrent", "GetDashboard", "GetPortalLink", "RegisterDeal"}
	for name, call := range calls {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			answerJSON(w, 200, `{"data":[],"url":"https://portal","id":"a","enrolled":true,"applied":true,"affiliate":{"id":"a"}}`)
		})
		require.NoError(t, call(t.Context(), newClient(t, server.URL).Affiliates), name)
		header := server.received()[0].Header
		switch {
		case slices.Contains(byKey, name):
			assert.Equal(t, []string{apiKey}, header["X-Api-Key"], name)
			assert.Empty(t, header["Authorization"], name)
		case slices.Contains(bySession, name):
			assert.Equal(t, []string{"Bearer " + sessionToken}, header["Authorization"], name)
			assert.Empty(t, header["X-Api-Key"], name)
		default:
			assert.Equal(t, []string{"Bearer " + adminToken}, header["Authorization"], name)
			assert.Empty(t, header["X-Api-Key"], name)
		}
		assert.Equal(t, "application/json", header.Get("Accept"))
		assert.Equal(t, "stackbe-go/"+stackbe.Version, header.Get("User-Agent"))
	}
}

func TestAClientForOneCustomerLeavesTheOthersAlone(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		mu.Lock()
		seen[r.Header.Get("Authorization")+r.Header.Get("X-Api-Key")]++
		mu.Unlock()
		answerJSON(w, 200, `{"enrolled":false}`)
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

func TestOptionsReachTheWire(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		answerJSON(w, 201, `{"id":"a","status":"pending"}`)
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

func TestNewTakesEachCharacterThatAHeaderMayHave(t *testing.T) {
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

func TestClientsWithoutAnHTTPClientShareTheirConnections(t *testing.T) {
	const calls = 5
	var opened atomic.Int32
	var waiting sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		waiting.Done()
		waiting.Wait() // so that each call needs a connection
		answerJSON(w, 200, `{"enrolled":false}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	replaceDefaultTransport(t, &http.Transport{MaxIdleConns: 100})
	for range 3 {
		waiting.Add(calls)
		var group sync.WaitGroup
		for range calls {
			group.Go(func() {
				client, err := stackbe.New(stackbe.Config{APIKey: apiKey, BaseURL: server.URL, Retry: &stackbe.Retry{}})
				assert.NoError(t, err)
				assert.NoError(t, call(client, t.Context()))
			})
		}
		group.Wait()
	}
	assert.EqualValues(t, calls, opened.Load())
}

// A server that takes a request and never responds.
func TestResponseHasToBeginIn30SecondsByDefault(t *testing.T) {
	for own, want := range map[time.Duration]time.Duration{0: 30 * time.Second, 7 * time.Second: 7 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var servers []net.Conn
			replaceDefaultTransport(t, &http.Transport{
				ResponseHeaderTimeout: own,
				DialContext: func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					servers = append(servers, server)
					go func() { _, _ = io.Copy(io.Discard, server) }()
					return client, nil
				},
			})
			client, err := stackbe.New(stackbe.Config{APIKey: apiKey, BaseURL: "http://localhost", Retry: &stackbe.Retry{}})
			require.NoError(t, err)
			begun := time.Now()
			require.Error(t, call(client, t.Context()))
			assert.Equal(t, want, time.Since(begun))
			for _, server := range servers {
				_ = server.Close()
			}
		})
	}
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

func TestObserveSeesEachAttempt(t *testing.T) {
	reset := time.Unix(1_900_000_000, 0)
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 0 {
			drop(w)
			return
		}
		w.Header().Set("X-Request-Id", "req_1")
		w.Header().Set("X-RateLimit-Limit", "1000")
		w.Header().Set("X-RateLimit-Remaining", "998")
		w.Header().Set("X-RateLimit-Reset", "1900000000")
		if n == 1 {
			w.WriteHeader(502)
			return
		}
		answerJSON(w, 200, `{"enrolled":false}`)
	})
	type key struct{}
	var seen []stackbe.Attempt
	client := newClient(t, server.URL, func(c *stackbe.Config) {
		c.Observe = func(ctx context.Context, a stackbe.Attempt) {
			assert.Equal(t, "value", ctx.Value(key{}))
			seen = append(seen, a)
		}
	})
	before := time.Now()
	_, err := client.Affiliates.Get(context.WithValue(t.Context(), key{}, "value"), "cust_1")
	require.NoError(t, err)
	require.Len(t, seen, 3)
	for i, a := range seen {
		assert.Equal(t, "GET", a.Method)
		assert.Equal(t, "/v1/affiliate/by-customer/{customerID}", a.Route)
		assert.Equal(t, i+1, a.Number)
		assert.WithinRange(t, a.Started, before, time.Now())
		assert.Positive(t, a.Duration)
	}
	assert.Error(t, seen[0].Err)
	assert.Zero(t, seen[0].StatusCode)
	assert.Positive(t, seen[0].RetryIn)
	assert.NoError(t, seen[1].Err)
	assert.Equal(t, 502, seen[1].StatusCode)
	assert.Positive(t, seen[1].RetryIn)
	assert.Equal(t, 200, seen[2].StatusCode)
	assert.Zero(t, seen[2].RetryIn)
	assert.Equal(t, "req_1", seen[2].RequestID)
	assert.Equal(t, stackbe.RateLimit{Limit: 1000, Remaining: 998, Reset: reset}, seen[2].RateLimit)
}

func TestTheLogHasARecordForEachAttempt(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 0 {
			drop(w)
			return
		}
		w.Header().Set("X-Request-Id", "req_1")
		answerJSON(w, 200, `{"applied":false}`)
	})
	var log bytes.Buffer
	client := newClient(t, server.URL, func(c *stackbe.Config) {
		c.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
	require.NoError(t, err)
	var records []map[string]any
	for line := range strings.Lines(log.String()) {
		var record map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &record))
		records = append(records, record)
	}
	require.Len(t, records, 2)
	for _, record := range records {
		assert.Equal(t, "stackbe: attempt", record["msg"])
		assert.Equal(t, "GET", record["method"])
		assert.Positive(t, record["duration"])
		assert.Less(t, record["duration"], float64(time.Hour), "since the attempt began")
	}
	assert.NotContains(t, records[1], "retry_in", "it is the last")
	assert.NotContains(t, records[1], "error")
	assert.Equal(t, "WARN", records[0]["level"])
	assert.Contains(t, records[0]["error"], "stackbe: GET /v1/affiliate/apply/status: ")
	assert.Positive(t, records[0]["retry_in"])
	assert.Equal(t, "DEBUG", records[1]["level"])
	assert.EqualValues(t, 200, records[1]["status"])
	assert.EqualValues(t, 2, records[1]["attempt"])
	assert.Equal(t, "req_1", records[1]["request_id"])
	assert.Equal(t, "/v1/affiliate/apply/status", records[1]["route"])
}

func TestRateLimitIsReadWhereItMakesSense(t *testing.T) {
	const latest int64 = 1<<40 - 1 // of the seconds that are read
	for name, test := range map[string]struct {
		limit, remaining, reset string
		want                    stackbe.RateLimit
	}{
		"no header":                    {"", "", "", stackbe.RateLimit{}},
		"all of them":                  {"1000", "7", "1900000000", stackbe.RateLimit{Limit: 1000, Remaining: 7, Reset: time.Unix(1_900_000_000, 0)}},
		"negative numbers":             {"-1", "-1", "-1", stackbe.RateLimit{}},
		"a reset of 0":                 {"1", "0", "0", stackbe.RateLimit{Limit: 1}},
		"a reset of 1":                 {"1", "0", "1", stackbe.RateLimit{Limit: 1, Reset: time.Unix(1, 0)}},
		"the latest reset":             {"1", "0", strconv.FormatInt(latest, 10), stackbe.RateLimit{Limit: 1, Reset: time.Unix(latest, 0)}},
		"a reset in the far future":    {"1", "0", strconv.FormatInt(latest+1, 10), stackbe.RateLimit{Limit: 1}},
		"a number of another notation": {"1e3", "0x1", "1.5", stackbe.RateLimit{}},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				for header, value := range map[string]string{"X-RateLimit-Limit": test.limit, "X-RateLimit-Remaining": test.remaining, "X-RateLimit-Reset": test.reset} {
					if value != "" {
						w.Header().Set(header, value)
					}
				}
				answerJSON(w, 404, `{}`)
			})
			var e *stackbe.Error
			require.ErrorAs(t, call(newClient(t, server.URL), t.Context()), &e)
			assert.Equal(t, test.want, e.RateLimit)
		})
	}
}

func TestErrorsCarryTheRateLimit(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("X-RateLimit-Limit", "100")
		w.Header().Set("X-RateLimit-Remaining", "-3")
		w.Header().Set("X-RateLimit-Reset", "not a number")
		answerJSON(w, 401, `{"statusCode":401,"message":"Invalid API key","error":"Unauthorized"}`)
	})
	_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
	var e *stackbe.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, stackbe.RateLimit{Limit: 100}, e.RateLimit)
	assert.EqualError(t, err, "stackbe: GET /v1/affiliate/by-customer/{customerID}: 401 Unauthorized: Invalid API key: check Config.APIKey")
}
