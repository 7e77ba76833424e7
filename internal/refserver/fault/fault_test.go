package fault_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/inprocess"
	"github.com/stackbe/stackbe-go/internal/refserver/duration"
	"github.com/stackbe/stackbe-go/internal/refserver/fault"
)

func TestInvalidFaultSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		fault fault.Fault
		want  string
	}{
		"nothing":                          {fault.Fault{Path: "/v1"}, "nothing goes wrong"},
		"AfterCommit alone":                {fault.Fault{AfterCommit: true}, "nothing goes wrong"},
		"a method in lower case":           {fault.Fault{Method: "get", Drop: true}, "method:"},
		"a method with a space":            {fault.Fault{Method: "GET /v1", Drop: true}, "method:"},
		"a path without a slash":           {fault.Fault{Path: "v1", Drop: true}, "path:"},
		"a path with a method":             {fault.Fault{Path: "GET /v1", Drop: true}, "path:"},
		"a path with a query":              {fault.Fault{Path: "/v1?a=b", Drop: true}, "path:"},
		"a path with a colon":              {fault.Fault{Path: "/v1/apps/:appID", Drop: true}, "{name}"},
		"a path that is not a pattern":     {fault.Fault{Path: "/v1/{id", Drop: true}, "path:"},
		"negative After":                   {fault.Fault{Drop: true, After: -1}, "after:"},
		"negative Times":                   {fault.Fault{Drop: true, Times: -1}, "times:"},
		"a status below 200":               {fault.Fault{Status: 101}, "status:"},
		"a status above 599":               {fault.Fault{Status: 600}, "status:"},
		"a negative delay":                 {fault.Fault{Delay: -1}, "delay:"},
		"negative Truncate":                {fault.Fault{Truncate: -1}, "truncate"},
		"a dropped response with a status": {fault.Fault{Drop: true, Status: 500}, "drop:"},
		"a dropped response with a header": {fault.Fault{Drop: true, Header: http.Header{"A": {"b"}}}, "drop:"},
		"a dropped response with a body":   {fault.Fault{Drop: true, Body: "a"}, "drop:"},
		"a dropped response, cut":          {fault.Fault{Drop: true, Truncate: 1}, "drop:"},
		"a body with 204":                  {fault.Fault{Status: 204, Body: "a"}, "204"},
		"a cut body with 304":              {fault.Fault{Status: 304, Truncate: 1}, "304"},
		"a header without a name":          {fault.Fault{Header: http.Header{"": {"b"}}}, "header:"},
		"a header with a line break":       {fault.Fault{Header: http.Header{"A": {"b\r\nC: d"}}}, "header:"},
		"a Content-Length":                 {fault.Fault{Header: http.Header{"content-length": {"1"}}}, "truncate"},
	} {
		t.Run(name, func(t *testing.T) {
			var injector fault.Injector
			_, err := injector.Add(test.fault)
			assert.ErrorContains(t, err, test.want)
			assert.Empty(t, injector.List())
		})
	}
}

func TestFaultMatchesMethodAndPath(t *testing.T) {
	for name, test := range map[string]struct {
		method, path string
		match, not   []string
	}{
		"any":           {"", "", []string{"GET /", "POST /a/b", "OPTIONS *"}, nil},
		"a method":      {"GET", "", []string{"GET /", "GET /a"}, []string{"HEAD /", "POST /a"}},
		"an exact path": {"", "/a/b", []string{"GET /a/b", "DELETE /a/b?c=d"}, []string{"GET /a", "GET /a/b/c", "GET /a/B", "GET //a/b", "GET /a/./b", "GET /x/../a/b"}},
		"a wildcard":    {"POST", "/a/{id}/b", []string{"POST /a/1/b", "POST /a/x%2Fy/b"}, []string{"POST /a/1/2/b", "POST /a//b", "GET /a/1/b"}},
		"a subtree":     {"", "/a/", []string{"GET /a/", "GET /a/b/c"}, []string{"GET /b", "GET /a"}},
		"a rest":        {"", "/a/{rest...}", []string{"GET /a/b/c"}, []string{"GET /b"}},
		"the root":      {"", "/{$}", []string{"GET /"}, []string{"GET /a"}},
	} {
		t.Run(name, func(t *testing.T) {
			var injector fault.Injector
			_, err := injector.Add(fault.Fault{Method: test.method, Path: test.path, Drop: true})
			require.NoError(t, err)
			for want, requests := range map[bool][]string{true: test.match, false: test.not} {
				for _, request := range requests {
					method, target, _ := strings.Cut(request, " ")
					_, _, acts := injector.Take(httptest.NewRequest(method, target, nil))
					assert.Equal(t, want, acts, request)
				}
			}
		})
	}
}

func takes(i *fault.Injector, count int) (ids string) {
	for range count {
		_, id, _ := i.Take(httptest.NewRequest(http.MethodGet, "/", nil))
		ids += " " + strings.TrimPrefix(id, "fault_")
	}
	return ids
}

func TestAfterAndTimesCountRequests(t *testing.T) {
	for name, test := range map[string]struct {
		faults []fault.Fault
		want   string
	}{
		"always":                       {[]fault.Fault{{}}, " 1 1 1 1"},
		"once":                         {[]fault.Fault{{Times: 1}}, " 1   "},
		"twice, after one":             {[]fault.Fault{{After: 1, Times: 2}}, "  1 1 "},
		"always, after two":            {[]fault.Fault{{After: 2}}, "   1 1"},
		"one after the other":          {[]fault.Fault{{Times: 1}, {Times: 2}}, " 1 2 2 "},
		"the first that is due":        {[]fault.Fault{{After: 1, Times: 1}, {Times: 1}}, " 2 1  "},
		"only what others let through": {[]fault.Fault{{Times: 2}, {After: 1}}, " 1 1  2"},
	} {
		t.Run(name, func(t *testing.T) {
			var injector fault.Injector
			for _, f := range test.faults {
				f.Drop = true
				_, err := injector.Add(f)
				require.NoError(t, err)
			}
			assert.Equal(t, test.want, takes(&injector, 4))
		})
	}
}

func TestFaultsAreCountedUntilTheyAreRemoved(t *testing.T) {
	var injector fault.Injector
	first, err := injector.Add(fault.Fault{Status: 500, After: 1, Times: 1})
	require.NoError(t, err)
	second, err := injector.Add(fault.Fault{Status: 503, Path: "/never"})
	require.NoError(t, err)
	takes(&injector, 3)
	list := injector.List()
	require.Len(t, list, 2)
	assert.Equal(t, []int{2, 1}, []int{list[0].Matched, list[0].Fired})
	assert.Equal(t, []int{0, 0}, []int{list[1].Matched, list[1].Fired})

	removed, known := injector.Remove(first)
	assert.True(t, known)
	assert.Equal(t, 1, removed.Fired)
	_, known = injector.Remove(first)
	assert.False(t, known)
	_, known = injector.Get(first)
	assert.False(t, known)
	left, known := injector.Get(second)
	assert.True(t, known)
	assert.Equal(t, 503, left.Status)
	injector.Clear()
	assert.Empty(t, injector.List())
	assert.Equal(t, " ", takes(&injector, 1))
}

func TestFaultIsJSON(t *testing.T) {
	given := `{"method":"GET","path":"/a","after":1,"times":2,"status":503,"header":{"Retry-After":["1"]},"body":"x","delay":"1.5s","truncate":1,"afterCommit":true}`
	var f fault.Fault
	require.NoError(t, json.Unmarshal([]byte(given), &f))
	assert.Equal(t, duration.Text(1500*time.Millisecond), f.Delay)
	written, err := json.Marshal(f)
	require.NoError(t, err)
	assert.JSONEq(t, given, string(written))
}

// outcome is what a client sees, and whether the request was executed.
type outcome struct {
	status   int
	header   string
	body     string
	executed bool
	failed   bool // without a response
	brokeOff bool
}

func TestFaultActs(t *testing.T) {
	for name, test := range map[string]struct {
		fault fault.Fault
		want  outcome
	}{
		"a status":                    {fault.Fault{Status: 429}, outcome{status: 429, header: "application/json; charset=utf-8 0", body: `{"statusCode":429,"code":"RATE_LIMITED","message":"A fault of the reference server","error":"Too Many Requests"}`}},
		"a status without a code":     {fault.Fault{Status: 502}, outcome{status: 502, header: "application/json; charset=utf-8 0", body: `{"statusCode":502,"message":"A fault of the reference server","error":"Bad Gateway"}`}},
		"a status that has no body":   {fault.Fault{Status: 204}, outcome{status: 204, header: " 0"}},
		"a status and a body":         {fault.Fault{Status: 502, Body: "<html>Bad gateway"}, outcome{status: 502, header: "text/html; charset=utf-8 0", body: "<html>Bad gateway"}},
		"a body":                      {fault.Fault{Body: "{}"}, outcome{status: 200, header: "application/json; charset=utf-8 0", body: "{}"}},
		"a status and a header":       {fault.Fault{Status: 503, Body: "x", Header: http.Header{"retry-after": {"7"}, "content-type": {"text/x"}}}, outcome{status: 503, header: "text/x 7", body: "x"}},
		"a header":                    {fault.Fault{Header: http.Header{"Retry-After": {"7"}}}, outcome{status: 201, header: "text/own 7", body: "created", executed: true}},
		"a header that is removed":    {fault.Fault{Header: http.Header{"Retry-After": {}}}, outcome{status: 201, header: "text/own ", body: "created", executed: true}},
		"a lost request":              {fault.Fault{Drop: true}, outcome{failed: true}},
		"a lost response":             {fault.Fault{Drop: true, AfterCommit: true}, outcome{failed: true, executed: true}},
		"a replaced response":         {fault.Fault{Status: 500, Body: "x", AfterCommit: true}, outcome{status: 500, header: "text/plain; charset=utf-8 0", body: "x", executed: true}},
		"a replaced body":             {fault.Fault{Body: "{}", AfterCommit: true}, outcome{status: 201, header: "application/json; charset=utf-8 0", body: "{}", executed: true}},
		"a cut response":              {fault.Fault{Truncate: 3}, outcome{status: 201, header: "text/own 0", body: "cre", executed: true, brokeOff: true}},
		"a cut response, too short":   {fault.Fault{Truncate: 100}, outcome{status: 201, header: "text/own 0", body: "created", executed: true, brokeOff: true}},
		"a cut replacement":           {fault.Fault{Status: 500, Body: "<html>", Truncate: 1}, outcome{status: 500, header: "text/html; charset=utf-8 0", body: "<", brokeOff: true}},
		"a cut response after commit": {fault.Fault{Status: 200, Body: "{}", Truncate: 1, AfterCommit: true}, outcome{status: 200, header: "application/json; charset=utf-8 0", body: "{", executed: true, brokeOff: true}},
		"a delay":                     {fault.Fault{Delay: 1}, outcome{status: 201, header: "text/own 0", body: "created", executed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var executed atomic.Bool
			handler := withFault(test.fault, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				executed.Store(err == nil && string(body) == "sent")
				w.Header().Set("Content-Type", "text/own")
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, "created")
			})
			server := httptest.NewServer(handler)
			defer server.Close()
			assert.Equal(t, test.want, call(t, server.Client().Transport, server.URL, &executed), "over a socket")

			transport := inprocess.New(handler)
			defer transport.Close()
			assert.Equal(t, test.want, call(t, transport, "http://127.0.0.1:1", &executed), "without one")
		})
	}
}

func withFault(f fault.Fault, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "0")
		f.Serve(w, r, next)
	})
}

func call(t *testing.T, transport http.RoundTripper, url string, executed *atomic.Bool) (made outcome) {
	executed.Store(false)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("sent"))
	require.NoError(t, err)
	response, err := transport.RoundTrip(request)
	if err != nil {
		require.ErrorIs(t, err, io.EOF)
		return outcome{failed: true, executed: executed.Load()}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}
	return outcome{
		status:   response.StatusCode,
		header:   response.Header.Get("Content-Type") + " " + response.Header.Get("Retry-After"),
		body:     string(body),
		executed: executed.Load(),
		brokeOff: err != nil,
	}
}

func TestDelayIsOfTheClockOfTheBubble(t *testing.T) {
	for name, test := range map[string]struct {
		fault        fault.Fault
		executed, by time.Duration
	}{
		"before the request is executed": {fault.Fault{Delay: duration.Text(time.Minute)}, time.Minute, time.Minute},
		"after it":                       {fault.Fault{Delay: duration.Text(time.Minute), AfterCommit: true}, 0, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				started, executed := time.Now(), time.Duration(0)
				transport := inprocess.New(withFault(test.fault, func(http.ResponseWriter, *http.Request) { executed = time.Since(started) }))
				defer transport.Close()
				_, err := transport.RoundTrip(httptest.NewRequest(http.MethodGet, "http://h/", nil))
				require.NoError(t, err)
				assert.Equal(t, test.executed, executed)
				assert.Equal(t, test.by, time.Since(started))
			})
		})
	}
}

// Until the body is read, net/http does not notice that a client has gone away.
func TestDelayEndsWhenClientClosesConnection(t *testing.T) {
	hour := duration.Text(time.Hour)
	for name, test := range map[string]struct {
		fault    fault.Fault
		executed bool
	}{
		"before the request is executed": {fault.Fault{Delay: hour}, false},
		"before a replacement":           {fault.Fault{Delay: hour, Status: 500}, false},
		"after the request is executed":  {fault.Fault{Delay: hour, AfterCommit: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var executed atomic.Bool
			began, ended := make(chan struct{}), make(chan struct{})
			faulty := withFault(test.fault, func(http.ResponseWriter, *http.Request) { executed.Store(true) }) // without reading the body
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(ended)
				close(began)
				faulty.ServeHTTP(w, r)
			}))
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-began
				cancel()
			}()
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("sent"))
			require.NoError(t, err)
			_, err = server.Client().Do(request)
			require.ErrorIs(t, err, context.Canceled)
			select {
			case <-ended:
			case <-time.After(time.Minute):
				require.FailNow(t, "the delay goes on")
			}
			server.Close()
			assert.Equal(t, test.executed, executed.Load())
		})
	}
}

func TestDelayedRequestHasItsBody(t *testing.T) {
	for _, length := range []int{0, 1, 1 << 20, 3 << 20} {
		var got int
		server := httptest.NewServer(withFault(fault.Fault{Delay: 1}, func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			got = len(body)
		}))
		response, err := server.Client().Post(server.URL, "text/plain", strings.NewReader(strings.Repeat("a", length)))
		require.NoError(t, err)
		response.Body.Close()
		server.Close()
		assert.Equal(t, length, got)
	}
}

func TestDelayEndsWithRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := inprocess.New(withFault(fault.Fault{Delay: duration.Text(time.Hour)}, func(http.ResponseWriter, *http.Request) {
			t.Error("the request was executed")
		}))
		started := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := transport.RoundTrip(httptest.NewRequest(http.MethodGet, "http://h/", nil).WithContext(ctx))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		transport.Close() // waits for the handler
		assert.Equal(t, time.Second, time.Since(started))
	})
}

func TestHeaderWithoutValuesIsRemoved(t *testing.T) {
	for name, header := range map[string]string{"the type of the body": "Content-Type", "the date": "date", "a header of the handler's": "X-Request-Id"} {
		for _, f := range []fault.Fault{{}, {Status: 500}, {Body: "{}"}, {Truncate: 1}} {
			f.Header = http.Header{header: nil}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f.Serve(w, r, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Request-Id", "req_1")
					_, _ = w.Write([]byte("a page"))
				}))
			}))
			direct := inprocess.New(server.Config.Handler)
			for _, transport := range []http.RoundTripper{server.Client().Transport, direct} {
				response, err := (&http.Client{Transport: transport}).Get(server.URL)
				require.NoError(t, err, name)
				assert.Empty(t, response.Header.Values(header), name)
				_ = response.Body.Close()
			}
			direct.Close()
			server.Close()
		}
	}
}
