package requests_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newLog(secrets ...string) *requests.Log {
	return requests.New(requests.Config{
		Now:               func() time.Time { return start },
		RequestIDHeader:   "X-Request-Id",
		CredentialHeaders: []string{"x-own-key"},
		Secrets:           func() []string { return secrets },
	})
}

// serve sends a request to a handler behind the log.
func serve(l *requests.Log, r *http.Request, handler func(*requests.Recorder, *http.Request)) {
	l.Serve(httptest.NewRecorder(), r, handler)
}

func respond(body string) func(*requests.Recorder, *http.Request) {
	return func(w *requests.Recorder, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Request-Id", "req_1")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, body)
	}
}

func TestLogHasRequestAndResponse(t *testing.T) {
	l := newLog()
	request := httptest.NewRequest(http.MethodPost, "/v1/affiliate/apply?x=1", strings.NewReader(`{"name":"Jane"}`))
	request.Header.Set("Idempotency-Key", "key-1")
	serve(l, request, respond(`{"status":"pending"}`))

	got := l.All()
	require.Len(t, got, 1)
	assert.Equal(t, 1, got[0].Sequence)
	assert.Equal(t, "req_1", got[0].ID)
	assert.Equal(t, start, got[0].Time)
	assert.Equal(t, "POST /v1/affiliate/apply x=1", got[0].Method+" "+got[0].Path+" "+got[0].Query)
	assert.Equal(t, "key-1", got[0].Header.Get("Idempotency-Key"))
	assert.Equal(t, `{"name":"Jane"}`, got[0].Body)
	assert.Equal(t, 15, got[0].BodySize)
	assert.Equal(t, http.StatusCreated, got[0].Status)
	assert.Equal(t, `{"status":"pending"}`, got[0].ResponseBody)
	assert.Empty(t, got[0].Fault)
}

func TestTimeIsInUTC(t *testing.T) {
	l := requests.New(requests.Config{
		Now:     func() time.Time { return start.In(time.FixedZone("Asia/Kolkata", 19_800)) },
		Secrets: func() []string { return nil },
	})
	serve(l, httptest.NewRequest(http.MethodGet, "/", nil), respond(""))
	assert.Equal(t, start, l.All()[0].Time)
}

func TestStatusIsThatOfTheConnection(t *testing.T) {
	l := newLog()
	serve(l, httptest.NewRequest(http.MethodGet, "/a", nil), func(*requests.Recorder, *http.Request) {})
	serve(l, httptest.NewRequest(http.MethodGet, "/b", nil), func(w *requests.Recorder, _ *http.Request) { _, _ = io.WriteString(w, "b") })
	assert.Panics(t, func() {
		serve(l, httptest.NewRequest(http.MethodGet, "/c", nil), func(w *requests.Recorder, _ *http.Request) {
			w.Fault = "fault_1"
			panic(http.ErrAbortHandler)
		})
	})
	got := l.All()
	require.Len(t, got, 3)
	assert.Equal(t, []int{200, 200, 0}, []int{got[0].Status, got[1].Status, got[2].Status})
	assert.Equal(t, "fault_1", got[2].Fault)
}

func TestResponseToHeadHasNoBody(t *testing.T) {
	l := newLog()
	serve(l, httptest.NewRequest(http.MethodHead, "/", nil), respond("not sent"))
	assert.Empty(t, l.All()[0].ResponseBody)
	assert.Zero(t, l.All()[0].ResponseBodySize)
}

func TestLogIsBounded(t *testing.T) {
	for name, test := range map[string]struct{ requests, body, kept int }{
		"by the number of requests": {requests.MaxRequests + 5, 1, requests.MaxRequests},
		"by their size":             {requests.MaxRequests, requests.MaxBody, 488},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog()
			body := strings.Repeat("x", test.body)
			for i := range test.requests {
				serve(l, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%d", i), nil), respond(body))
			}
			got := l.All()
			assert.InDelta(t, test.kept, len(got), 12)
			assert.Equal(t, test.requests-len(got), l.Dropped())
			assert.Equal(t, test.requests, got[len(got)-1].Sequence)
		})
	}
}

func TestBodiesAreCut(t *testing.T) {
	l := newLog()
	long := strings.Repeat("x", requests.MaxBody+1)
	serve(l, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(long)), respond(long))
	got := l.All()[0]
	assert.Len(t, got.Body, requests.MaxBody)
	assert.Len(t, got.ResponseBody, requests.MaxBody)
	assert.Equal(t, len(long), got.BodySize)
	assert.Equal(t, len(long), got.ResponseBodySize)
}

func TestSecretAtTheCutIsRedacted(t *testing.T) {
	const secret = `whsec_c2VjcmV0+IG9mIHRoZSB0ZXN0cw==`
	for _, before := range []int{1, 10, len(secret) - 1, len(secret)} {
		l := newLog(secret)
		body := strings.Repeat("x", requests.MaxBody-before-1) + " " + html.EscapeString(secret) + " and more"
		serve(l, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)), respond(body))
		got := l.All()[0]
		want := strings.Repeat("x", requests.MaxBody-before-1) + " [redacted]"
		assert.Equal(t, want, got.Body, "%d bytes of it are within", before)
		assert.Equal(t, want, got.ResponseBody, "%d bytes of it are within", before)
	}
}

func TestSequenceGoesOnAfterClear(t *testing.T) {
	l := newLog()
	serve(l, httptest.NewRequest(http.MethodGet, "/1", nil), respond(""))
	l.Clear()
	assert.Empty(t, l.All())
	serve(l, httptest.NewRequest(http.MethodGet, "/2", nil), respond(""))
	assert.Equal(t, 2, l.All()[0].Sequence)
}

func TestRequestsAreCopies(t *testing.T) {
	l := newLog()
	serve(l, httptest.NewRequest(http.MethodGet, "/", nil), respond("body"))
	l.All()[0].ResponseHeader.Set("X-Request-Id", "changed")
	assert.Equal(t, "req_1", l.All()[0].ResponseHeader.Get("X-Request-Id"))
}

const portalToken = "app_mock.AAAAAGnhXAAAAAAAGJ1Zc2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0Y3VzdF8x"

func TestSecretsAreRedacted(t *testing.T) {
	for name, test := range map[string]struct {
		target, header, value, body, response string
		secret                                string
	}{
		"an API key":                             {header: "X-Api-Key", value: "sk_live_1", secret: "sk_live_1"},
		"a bearer token":                         {header: "Authorization", value: "Bearer tok-1", secret: "tok-1"},
		"an Authorization without a scheme":      {header: "Authorization", value: "tok 1", secret: "tok"},
		"a credential in a configured header":    {header: "X-Own-Key", value: "own-1", secret: "own-1"},
		"a cookie":                               {header: "Cookie", value: "session=abc", secret: "abc"},
		"a credential that the body repeats":     {header: "Authorization", value: "Bearer tok-12345", response: `{"you sent":"tok-12345"}`, secret: "tok-12345"},
		"a portal link's path":                   {target: "/portal/" + portalToken, secret: portalToken},
		"a portal link's path, cut":              {target: "/portal/app_mock.AAAA", secret: "AAAA"},
		"a portal link in a response":            {response: `{"url":"http://127.0.0.1:1/portal/` + portalToken + `"}`, secret: portalToken},
		"a portal link in a header":              {header: "Referer", value: "http://127.0.0.1:1/portal/" + portalToken, secret: portalToken},
		"a portal token in an escaped query":     {target: "/?next=%2Fportal%2F" + portalToken, secret: portalToken},
		"a session token in a field":             {response: `{"sessionToken": "anything at all"}`, secret: "anything"},
		"a session token anywhere":               {body: "of sess_abcdefghijklmnopqrstuvwxyz", secret: "abcdef"},
		"a webhook secret in a field":            {body: `{"webhookSecret":"a \" quoted secret"}`, secret: "quoted"},
		"a secret that is cut":                   {body: `{"adminToken":"admin_`, secret: "admin_"},
		"a key in a document":                    {body: `{"apiKey":"k1","portalKey":"k2","seed":"k3"}`, secret: "k"},
		"a token in a form":                      {body: "a=b&token=t0k&c=d", secret: "t0k"},
		"a token in a query":                     {target: "/?token=t0k", secret: "t0k"},
		"a hidden input of a form":               {response: `<input type="hidden" name="csrf" value="c5rf">`, secret: "c5rf"},
		"a known secret anywhere":                {body: `{"note":"whsec known to the server"}`, secret: "known to the server"},
		"a known secret with escaped characters": {body: `{"note":"k\u006eown to the server"}`, secret: "own to the server"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog("known to the server")
			target := test.target
			if target == "" {
				target = "/"
			}
			request := httptest.NewRequest(http.MethodPost, target, strings.NewReader(test.body))
			if test.header != "" {
				request.Header.Set(test.header, test.value)
			}
			serve(l, request, respond(test.response))
			shown, err := json.Marshal(l.All())
			require.NoError(t, err)
			assert.Contains(t, string(shown), "[redacted]")
			values := strings.NewReplacer("[redacted]", "", `apiKey`, "", `portalKey`, "", "/known/", "").Replace(string(shown))
			if test.secret != "k" {
				assert.NotContains(t, values, test.secret)
			}
			assert.NotContains(t, values, "k1")
		})
	}
}

func TestReplacedSecretsAreRedactedInRequestsOfTheirTime(t *testing.T) {
	secrets := []string{"the first secret"}
	l := requests.New(requests.Config{Now: func() time.Time { return start }, Secrets: func() []string { return secrets }})
	replace := func(by string) {
		replaced := secrets
		secrets = []string{by}
		l.Replaced(replaced)
	}
	send := func(respond func(*requests.Recorder, *http.Request)) {
		serve(l, httptest.NewRequest(http.MethodGet, "/", nil), respond)
	}
	send(respond("the first secret"))
	send(func(w *requests.Recorder, r *http.Request) {
		replace("the second secret")
		replace("the third secret")
		respond("the first secret, the second secret")(w, r)
	})
	send(respond("the third secret, not the first secret"))
	replace("the fourth secret")

	var shown []string
	for _, one := range l.All() {
		shown = append(shown, one.ResponseBody)
	}
	assert.Equal(t, []string{"[redacted]", "[redacted], [redacted]", "[redacted], not the first secret"}, shown)
}

// A request may end between a restore and the call that tells the log of it.
func TestReplacedSecretOfTheNextPeriodIsRedacted(t *testing.T) {
	l := requests.New(requests.Config{Now: func() time.Time { return start }, Secrets: func() []string { return nil }})
	serve(l, httptest.NewRequest(http.MethodGet, "/", nil), respond("the second secret, not the third secret"))
	for _, replaced := range []string{"the first secret", "the second secret", "the third secret"} {
		l.Replaced([]string{replaced})
	}
	assert.Equal(t, "[redacted], not the third secret", l.All()[0].ResponseBody)
}

func TestWhatIsNoSecretIsKept(t *testing.T) {
	l := newLog()
	request := httptest.NewRequest(http.MethodPost, "/portal/account?email=jane%40acme.com", strings.NewReader(`{"email":"jane@acme.com","code":"JANE20"}`))
	request.Header.Set("Authorization", "Bearer tok-1")
	serve(l, request, respond(`{"url":"https://yoursite.com?ref=JANE20"}`))
	got := l.All()[0]
	assert.Equal(t, "/portal/account", got.Path)
	assert.Equal(t, "email=jane%40acme.com", got.Query)
	assert.Equal(t, `{"email":"jane@acme.com","code":"JANE20"}`, got.Body)
	assert.Equal(t, `{"url":"https://yoursite.com?ref=JANE20"}`, got.ResponseBody)
	assert.Equal(t, "Bearer [redacted]", got.Header.Get("Authorization"))
}

func BenchmarkServe(b *testing.B) {
	l := newLog()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/affiliate", nil)
	body := []byte(strings.Repeat("x", 400))
	b.ReportAllocs()
	for b.Loop() {
		w.Body.Reset()
		l.Serve(w, r, func(w *requests.Recorder, _ *http.Request) { _, _ = w.Write(body) })
	}
}
