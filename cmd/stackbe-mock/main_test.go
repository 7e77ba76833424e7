package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/webhooks"
)

// mock is a running command.
type mock struct {
	url, greeting string
	stop          func() error
}

func start(t *testing.T, args ...string) mock {
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), writer)
		_ = writer.Close()
		ended <- err
	}()
	var greeting strings.Builder
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		greeting.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Ctrl-C") || strings.HasPrefix(lines.Text(), "{\"url\"") {
			break
		}
	}
	stopped := false
	stop := func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() { _ = stop() })
	return mock{url: find(t, greeting.String(), `http://[^\s"]+`), greeting: greeting.String(), stop: stop}
}

func find(t *testing.T, text, pattern string) string {
	found := regexp.MustCompile(pattern).FindString(text)
	require.NotEmpty(t, found, text)
	return found
}

// The requests of StackBE's documentation, in its own words.
const (
	documentedApply = `curl -X POST https://api.stackbe.io/v1/affiliate/apply \
-H "x-api-key: YOUR_API_KEY" \
-H "Content-Type: application/json" \
-d '{
"email": "partner@example.com",
"name": "Jane Smith",
"company": "Acme Inc",
"website": "https://acme.com",
"reason": "I have a large audience in the SaaS space"
}'`
	documentedStatus = `curl https://api.stackbe.io/v1/affiliate/apply/status?email=partner@example.com \
-H "x-api-key: YOUR_API_KEY"`
	documentedLookup = `curl https://api.stackbe.io/v1/affiliate/by-customer/cust_123 \
-H "x-api-key: YOUR_API_KEY"`
	documentedApprove = `curl -X POST https://api.stackbe.io/v1/apps/APP_ID/affiliates/applications/APPLICATION_ID/review \
-H "Authorization: Bearer YOUR_JWT" \
-H "Content-Type: application/json" \
-d '{
"action": "approve",
"code": "JANE20"
}'`
	documentedReject = `curl -X POST https://api.stackbe.io/v1/apps/APP_ID/affiliates/applications/APPLICATION_ID/review \
-H "Authorization: Bearer YOUR_JWT" \
-H "Content-Type: application/json" \
-d '{
"action": "reject",
"rejectionReason": "Not a good fit at this time"
}'`
)

// replay sends a documented request with the placeholders filled in, and returns the response.
func (m mock) replay(t *testing.T, curl string, replacements ...string) (status int, body string) {
	replacements = append(replacements, "https://api.stackbe.io", m.url, "YOUR_API_KEY", "sk_test_mock", "YOUR_JWT", "admin_mock", "APP_ID", "app_mock")
	command := strings.NewReplacer(replacements...).Replace(curl)
	method, data := http.MethodGet, ""
	if strings.Contains(command, "-X POST") {
		method = http.MethodPost
	}
	if _, quoted, ok := strings.Cut(command, "-d '"); ok {
		data = strings.TrimSuffix(quoted, "'")
	}
	request, err := http.NewRequestWithContext(t.Context(), method, find(t, command, `http://[^ ]+`), strings.NewReader(data))
	require.NoError(t, err)
	for _, header := range regexp.MustCompile(`-H "([^:]+): ([^"]+)"`).FindAllStringSubmatch(command, -1) {
		request.Header.Set(header[1], header[2])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(read)
}

func TestDocumentedRequestsGetTheDocumentedResponses(t *testing.T) {
	m := start(t)

	status, body := m.replay(t, documentedStatus)
	assert.Equal(t, 200, status)
	assert.JSONEq(t, `{"applied": false}`, body)

	status, body = m.replay(t, documentedApply)
	assert.Equal(t, 201, status, body)
	assert.Contains(t, body, `"status":"pending"`)
	assert.Contains(t, body, `"message":"`)
	id := strings.TrimPrefix(find(t, body, `"id":"cm[a-z0-9]+`), `"id":"`)
	status, body = m.replay(t, documentedApply)
	assert.Equal(t, 409, status, "a duplicate: %s", body)
	_, body = m.replay(t, documentedStatus)
	assert.Contains(t, body, `"applied":true`)
	assert.Contains(t, body, `"status":"pending"`)

	status, body = m.replay(t, documentedLookup)
	assert.Equal(t, 200, status)
	assert.JSONEq(t, `{"enrolled": false}`, body)

	status, body = m.replay(t, documentedApprove, "APPLICATION_ID", id)
	assert.Equal(t, 200, status, body)
	assert.Contains(t, body, `"code":"JANE20"`)
	customer := find(t, body, `cust_[a-z0-9]+`)
	status, body = m.replay(t, documentedLookup, "cust_123", customer)
	assert.Equal(t, 200, status)
	for _, part := range []string{`"enrolled":true`, `"code":"JANE20"`, `"type":"partner"`, `"status":"active"`, `"totalEarned":0`} {
		assert.Contains(t, body, part)
	}

	_, body = m.replay(t, documentedApply, "partner@example.com", "second@example.com")
	id = strings.TrimPrefix(find(t, body, `"id":"cm[a-z0-9]+`), `"id":"`)
	status, body = m.replay(t, documentedReject, "APPLICATION_ID", id)
	assert.Equal(t, 200, status, body)
	_, body = m.replay(t, documentedStatus, "partner@example.com", "second@example.com")
	assert.Contains(t, body, `"rejectionReason":"Not a good fit at this time"`)
}

func TestPrintedCredentialsWork(t *testing.T) {
	m := start(t, "-api-key", "sk_test_own", "-app-id", "app_own", "-admin-token", "admin_own")

	_, curl, ok := strings.Cut(m.greeting, "\n\ncurl")
	require.True(t, ok)
	curl, _, _ = strings.Cut("curl"+curl, "\n\n")
	status, body := m.replay(t, curl)
	assert.Equal(t, 201, status, body)
	assert.Contains(t, m.greeting, "demo@example.com, code DEMO20")

	session := find(t, m.greeting, `sess_[a-z0-9]+`)
	status, body = m.replay(t, `curl https://api.stackbe.io/v1/affiliate/dashboard -H "Authorization: Bearer `+session+`"`)
	assert.Equal(t, 200, status, body)
	assert.Contains(t, body, "DEMO20")
	status, body = m.replay(t, `curl https://api.stackbe.io/v1/apps/app_own/affiliates/settings -H "Authorization: Bearer admin_own"`)
	assert.Equal(t, 200, status, body)
}

// skip skips a test of something that not every machine has. In CI it fails the
// test.
func skip(t *testing.T, why error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("CI has to have what this test needs: ", why)
	}
	t.Skip(why)
}

func TestPrintedCommandCanBePasted(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		skip(t, err)
	}
	m := start(t)
	_, curl, _ := strings.Cut(m.greeting, "\n\ncurl")
	curl, _, _ = strings.Cut("curl"+curl, "\n\n")
	output, err := exec.CommandContext(t.Context(), "sh", "-c", curl+" --silent").Output()
	require.NoError(t, err)
	assert.Contains(t, string(output), `"status":"pending"`)
}

func TestRateLimitsAreEnforcedUnlessTurnedOff(t *testing.T) {
	last := func(m mock) (status int) {
		for range 1001 {
			status, _ = m.replay(t, documentedStatus)
		}
		return status
	}
	assert.Equal(t, 200, last(start(t, "-rate-limits=false")))
	// The limit may fall into two minutes of the real clock, but not into more.
	enforced := start(t)
	first, second := last(enforced), last(enforced)
	assert.Contains(t, []int{first, second}, 429)
}

func TestReviewsAreDeliveredToTheWebhook(t *testing.T) {
	verifier, err := webhooks.NewVerifier("webhook_secret_mock")
	require.NoError(t, err)
	events := make(chan *webhooks.Event, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		event, err := verifier.ParseRequest(r)
		assert.NoError(t, err)
		events <- event
	}))
	defer receiver.Close()

	m := start(t, "-webhook-url", receiver.URL)
	assert.Contains(t, m.greeting, receiver.URL+", secret webhook_secret_mock")
	_, body := m.replay(t, documentedApply)
	id := strings.TrimPrefix(find(t, body, `"id":"cm[a-z0-9]+`), `"id":"`)
	m.replay(t, documentedApprove, "APPLICATION_ID", id)

	approved, err := (<-events).ApplicationApproved()
	require.NoError(t, err)
	assert.Equal(t, "JANE20", approved.Affiliate.Code, "the demo partner's event is not delivered")
	assert.NoError(t, m.stop())
}

func TestFailedDeliveriesAreRetriedAfterWebhookRetries(t *testing.T) {
	attempts := make(chan string, 3)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		attempts <- r.Header.Get("X-StackBE-Signature")
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer receiver.Close()
	m := start(t, "-webhook-url", receiver.URL, "-webhook-retries", "1ms, 0s")
	_, body := m.replay(t, documentedApply)
	m.replay(t, documentedApprove, "APPLICATION_ID", strings.TrimPrefix(find(t, body, `"id":"cm[a-z0-9]+`), `"id":"`))
	for range 3 {
		assert.NotEmpty(t, <-attempts)
	}
	assert.NoError(t, m.stop())
}

func TestParseDelays(t *testing.T) {
	for text, want := range map[string][]time.Duration{
		"":            {},
		"0s":          {0},
		"5s,1m,24h":   {5 * time.Second, time.Minute, 24 * time.Hour},
		" 5s , 1m30s": {5 * time.Second, 90 * time.Second},
	} {
		delays, err := parseDelays(text)
		assert.NoError(t, err, text)
		assert.Equal(t, want, delays, text)
		assert.NotNil(t, delays, "nil is the default schedule")
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	m := start(t, "-api-key", "sk_of_this_process")
	responds := func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.url+"/v1/affiliate/apply/status?email=a@b.co", nil)
		require.NoError(t, err)
		request.Header.Set("X-Api-Key", "sk_of_this_process")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		require.NoError(t, response.Body.Close())
		return response.StatusCode == http.StatusOK // another program may have the port by then
	}
	require.True(t, responds())
	assert.NoError(t, m.stop())
	assert.False(t, responds())
}

func TestRunRefusesArguments(t *testing.T) {
	busy := start(t)
	for name, args := range map[string][]string{
		"an unknown flag":        {"-port", "1"},
		"an argument":            {"serve"},
		"an address in use":      {"-addr", strings.TrimPrefix(busy.url, "http://")},
		"an address that is not": {"-addr", "nowhere"},
		"an unusable app id":     {"-app-id", "a/b"},
		"one token for both":     {"-api-key", "x", "-admin-token", "x"},
		"an unusable webhook":    {"-webhook-url", "/hook"},
		"a delay without a unit": {"-webhook-retries", "5"},
		"a delay of the past":    {"-webhook-retries", "5s,-1s"},
		"no delay after a comma": {"-webhook-retries", "5s,"},
		"a short secret":         {"-webhook-url", "http://localhost", "-webhook-secret", "x"},
	} {
		assert.Error(t, run(t.Context(), args, io.Discard), name)
	}
	assert.ErrorIs(t, run(t.Context(), []string{"-help"}, io.Discard), flag.ErrHelp)
	assert.Error(t, run(t.Context(), []string{"-addr", "127.0.0.1:0"}, brokenPipe{}), "nobody to greet")
}

func TestFlagErrorNamesFlag(t *testing.T) {
	long := strings.Repeat("x", 256)
	const hook = "http://localhost/hook"
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an empty address":                       {[]string{"-addr", ""}, "-addr: "},
		"an address without a port":              {[]string{"-addr", "localhost"}, "-addr: "},
		"an address with a port too high":        {[]string{"-addr", "localhost:65536"}, "-addr: "},
		"an address with a port that is none":    {[]string{"-addr", "localhost:http:x"}, "-addr: "},
		"an address of another machine":          {[]string{"-addr", "192.0.2.1:0"}, "-addr: "},
		"an empty key":                           {[]string{"-api-key", ""}, "-api-key: "},
		"a key with a space":                     {[]string{"-api-key", "a b"}, "-api-key: "},
		"a key beyond ASCII":                     {[]string{"-api-key", "schl\u00fcssel"}, "-api-key: "},
		"a long key":                             {[]string{"-api-key", long}, "-api-key: "},
		"the key of the default admin token":     {[]string{"-api-key", "admin_mock"}, "-api-key: the value is that of -admin-token"},
		"an empty admin token":                   {[]string{"-admin-token", ""}, "-admin-token: "},
		"an admin token with a line break":       {[]string{"-admin-token", "a\nb"}, "-admin-token: "},
		"a long admin token":                     {[]string{"-admin-token", long}, "-admin-token: "},
		"the admin token of the default key":     {[]string{"-admin-token", "sk_test_mock"}, "-admin-token: the value is that of -api-key"},
		"one token for both":                     {[]string{"-admin-token", "same", "-api-key", "same"}, "-api-key: the value is that of -admin-token"},
		"an empty app id":                        {[]string{"-app-id", ""}, "-app-id: "},
		"an app id with a slash":                 {[]string{"-app-id", "a/b"}, "-app-id: "},
		"an app id of two dots":                  {[]string{"-app-id", ".."}, "-app-id: "},
		"a long app id":                          {[]string{"-app-id", long}, "-app-id: "},
		"a webhook without a scheme":             {[]string{"-webhook-url", "localhost/hook"}, "-webhook-url: "},
		"a webhook of another scheme":            {[]string{"-webhook-url", "ftp://localhost"}, "-webhook-url: "},
		"a webhook with credentials":             {[]string{"-webhook-url", "http://me:pass@localhost"}, "-webhook-url: "},
		"an empty secret":                        {[]string{"-webhook-url", hook, "-webhook-secret", ""}, "-webhook-secret: "},
		"a short secret":                         {[]string{"-webhook-url", hook, "-webhook-secret", "x"}, "-webhook-secret: "},
		"a secret without a webhook":             {[]string{"-webhook-secret", "long enough to be a secret"}, "-webhook-secret: "},
		"delays without a webhook":               {[]string{"-webhook-retries", "5s"}, "-webhook-retries: "},
		"a delay without a unit, with a webhook": {[]string{"-webhook-url", hook, "-webhook-retries", "5"}, "-webhook-retries: "},
		"a delay of the past, with a webhook":    {[]string{"-webhook-url", hook, "-webhook-retries", "-5s"}, "-webhook-retries: "},
		"a rate limit that is neither":           {[]string{"-rate-limits=maybe"}, "-rate-limits"},
		"a rate limit without an equals sign":    {[]string{"-rate-limits", "false"}, "-rate-limits: "},
		"a flag that does not exist":             {[]string{"-port", "1"}, "-port"},
		"an argument that belongs to no flag":    {[]string{"serve"}, `"serve"`},
		"a truth that belongs to no flag":        {[]string{"true"}, `"true"`},
		"a wrong webhook beside a good secret":   {[]string{"-webhook-secret", "long enough to be a secret", "-webhook-url", "/"}, "-webhook-url: "},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // so that a server that starts after all ends
			err := run(ctx, c.args, io.Discard)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestPrintedAddressWorks(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "127.0.0.1:0", "localhost:0", "127.0.0.2:0", "[::1]:0"} {
		t.Run("of "+addr, func(t *testing.T) {
			listener, err := net.Listen("tcp", addr)
			if err != nil {
				skip(t, err)
			}
			require.NoError(t, listener.Close())
			m := start(t, "-addr", addr)
			client, err := stackbe.New(stackbe.Config{BaseURL: m.url, APIKey: "sk_test_mock", AppID: "app_mock"})
			require.NoError(t, err, m.url)
			check, err := client.Affiliates.GetApplicationStatus(t.Context(), "demo@example.com")
			require.NoError(t, err)
			assert.True(t, check.Applied)
			assert.NotContains(t, m.greeting, "AllowInsecure")
		})
	}
}

func TestBaseURL(t *testing.T) {
	for hostPort, want := range map[string]string{
		"127.0.0.1:4010":        "http://127.0.0.1:4010",
		"[::1]:4010":            "http://[::1]:4010",
		"192.0.2.1:4010":        "http://192.0.2.1:4010",
		"[fe80::1%25eth0]:4010": "http://[fe80::1%25eth0]:4010",
	} {
		parsed, err := url.Parse("http://" + hostPort)
		require.NoError(t, err)
		port, err := strconv.Atoi(parsed.Port())
		require.NoError(t, err)
		host, zone, _ := strings.Cut(parsed.Hostname(), "%")
		got := baseURL(&net.TCPAddr{IP: net.ParseIP(host), Zone: zone, Port: port})
		assert.Equal(t, want, got)
		_, err = url.Parse(got)
		assert.NoError(t, err)
	}

	t.Run("says what the client needs where it is not on loopback", func(t *testing.T) {
		for base, want := range map[string]bool{"http://127.0.0.1:1": false, "http://[::1]:1": false, "http://localhost:1": false, "http://192.0.2.1:1": true, "http://[fe80::1%25eth0]:1": true} {
			assert.Equal(t, want, insecure(base) != "", base)
			_, err := stackbe.New(stackbe.Config{BaseURL: base, APIKey: "k"})
			assert.Equal(t, want, err != nil, base)
		}
	})
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
