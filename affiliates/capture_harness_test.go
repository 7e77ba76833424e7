package affiliates_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

// trackedClick is a call that the API received.
type trackedClick struct {
	Code string
	URL  string
	key  string // the idempotency key
}

// clickAPI is the API without a socket, so that tests control the time of the capture. It
// knows every code that begins with JANE or JOHN.
type clickAPI struct {
	t       *testing.T
	respond func(*http.Request, trackedClick) *http.Response // nil for the API's own
	page    sync.RWMutex                                     // held while a page is made: no response comes before its end
	hold    chan struct{}                                    // no response comes before it is closed, unless it is nil

	mu    sync.Mutex
	calls []trackedClick
	keys  map[string]string // ids of clicks by idempotency key
}

func (a *clickAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	assert.Equal(a.t, "POST /v1/affiliate/track", r.Method+" "+r.URL.Path)
	assert.Equal(a.t, apiKey, r.Header.Get("X-Api-Key"))
	call := readClick(r)
	a.waitForPage()
	if a.hold != nil {
		<-a.hold
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, call)
	if a.respond != nil {
		if response := a.respond(r, call); response != nil {
			return response, nil
		}
	}
	if !strings.HasPrefix(call.Code, "JANE") && !strings.HasPrefix(call.Code, "JOHN") {
		return apiResponse(404, `{"statusCode":404,"message":"No partner of this app has this referral code"}`), nil
	}
	id, known := a.keys[call.key]
	if !known {
		id = "click_" + string(rune('a'+len(a.keys)%26))
		a.keys[call.key] = id
	}
	return apiResponse(201, `{"clickId":"`+id+`","code":"`+call.Code+`"}`), nil
}

// waitForPage returns when no page is being made.
func (a *clickAPI) waitForPage() {
	a.page.Lock()
	defer a.page.Unlock()
}

// readClick reads a call. What is not JSON is a click without a code.
func readClick(r *http.Request) trackedClick {
	call := trackedClick{key: r.Header.Get("Idempotency-Key")}
	_ = json.NewDecoder(r.Body).Decode(&call)
	return call
}

func apiResponse(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
}

// tracked returns the codes of the calls so far.
func (a *clickAPI) tracked() (codes []string) {
	for _, call := range a.all() {
		codes = append(codes, call.Code)
	}
	return codes
}

func (a *clickAPI) all() []trackedClick {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// site is a website behind the middleware. Its pages say what ReferralFromRequest returns.
type site struct {
	t       *testing.T
	api     *clickAPI
	capture *affiliates.ReferralCapture
	handler http.Handler
}

func newSite(t *testing.T, options ...affiliates.ReferralOption) *site {
	t.Helper()
	api := &clickAPI{t: t, keys: map[string]string{}}
	options = append([]affiliates.ReferralOption{affiliates.WithWorkers(1)}, options...) // so that clicks arrive in order
	capture, err := affiliates.NewReferralCapture(clientOn(t, api).Affiliates, options...)
	require.NoError(t, err)
	s := &site{t: t, api: api, capture: capture}
	t.Cleanup(func() { assert.NoError(t, capture.Close(context.WithoutCancel(t.Context()))) })
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		referral := affiliates.ReferralFromRequest(r)
		w.Header().Set("Cache-Control", "public, max-age=600")
		_, _ = io.WriteString(w, strings.TrimSpace(referral.Code+" "+referral.ClickID))
	})
	return s
}

func (s *site) serve(page http.HandlerFunc) { s.handler = s.capture.Middleware(page) }

// restart is the same site in another process.
func (s *site) restart(options ...affiliates.ReferralOption) *site {
	s.t.Helper()
	again := newSite(s.t, options...)
	again.api.keys = s.api.keys
	return again
}

// browser is a visitor, with its cookies.
type browser struct {
	*site
	cookies map[string]string
	header  http.Header // of each request
}

func (s *site) visitor() *browser {
	return &browser{site: s, cookies: map[string]string{}, header: http.Header{}}
}

// shown is a response.
type shown struct {
	*http.Response
	body string
}

func (p shown) cookie() string { return p.Header.Get("Set-Cookie") }

func (b *browser) open(target string, header ...string) shown {
	return b.send("GET", target, header...)
}

// prefetch opens a page as a browser does that may show it later.
func (b *browser) prefetch(target string) shown {
	return b.open(target, "Sec-Purpose", "prefetch;prerender")
}

// send sends a request with the cookies, and names and values of headers.
func (b *browser) send(method, target string, header ...string) shown {
	b.t.Helper()
	r := httptest.NewRequest(method, target, nil)
	maps.Copy(r.Header, b.header.Clone())
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	for _, name := range slices.Sorted(maps.Keys(b.cookies)) {
		r.AddCookie(&http.Cookie{Name: name, Value: b.cookies[name]})
	}
	w := httptest.NewRecorder()
	b.serveHTTP(w, r)
	response := w.Result()
	for _, cookie := range response.Cookies() {
		b.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	return shown{response, w.Body.String()}
}

func (b *browser) serveHTTP(w http.ResponseWriter, r *http.Request) {
	b.api.page.RLock()
	defer b.api.page.RUnlock()
	b.handler.ServeHTTP(w, r)
}

func rest(d time.Duration) { time.Sleep(d); synctest.Wait() } // in a bubble, no time passes outside
