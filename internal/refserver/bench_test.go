package refserver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// benchmarkSizes are the numbers of applications that a cost is compared at.
var benchmarkSizes = []int{1_000, 1_000_000}

// populated is a server with n applications: one in a hundred is approved, four are pending in
// all, the rest are rejected. Each size is made once.
var populated = struct {
	sync.Mutex
	worlds map[int]*populatedWorld
}{worlds: map[int]*populatedWorld{}}

type populatedWorld struct {
	world
	partner program.Affiliate // of the middle
	email   string            // of the middle
}

const pendingInAll = 4

func populate(b *testing.B, n int) *populatedWorld {
	b.Helper()
	populated.Lock()
	defer populated.Unlock()
	if w := populated.worlds[n]; w != nil {
		return w
	}

	server := refserver.New(refserver.Config{Now: func() time.Time { return start }})
	w := &populatedWorld{world: world{Server: server}}
	app, err := server.AddApp(refserver.AppParams{})
	require.NoError(b, err)
	w.App = app
	for i := range n {
		email := fmt.Sprintf("applicant-%07d@example.com", i)
		application, err := app.Program.Apply(program.ApplicationParams{Email: email, Name: "Jane Smith", Company: "Acme"})
		require.NoError(b, err)
		switch {
		case i%(n/pendingInAll) == 1:
		case i%100 == 0:
			review, err := app.Program.Approve(application.ID, fmt.Sprintf("CODE%d", i))
			require.NoError(b, err)
			if i == n/2 {
				w.partner, w.email = *review.Affiliate, email
			}
		default:
			_, err := app.Program.Reject(application.ID, "")
			require.NoError(b, err)
		}
	}
	runtime.GC() // what filling has left behind is not to be measured
	populated.worlds[n] = w
	return w
}

// sink is a response that keeps the status only.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

// run measures one request at every size, without a socket.
func run(b *testing.B, status int, request func(*populatedWorld) *http.Request) {
	runAt(b, status, func(b *testing.B, n int) (http.Handler, *http.Request) {
		w := populate(b, n)
		return w, request(w)
	})
}

// runAt measures a request to a handler of every size.
func runAt(b *testing.B, status int, at func(b *testing.B, n int) (http.Handler, *http.Request)) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			handler, r := at(b, n)
			body, err := io.ReadAll(r.Body)
			require.NoError(b, err)
			response := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(response.header)
				r.Body = io.NopCloser(bytes.NewReader(body))
				handler.ServeHTTP(response, r)
			}
			require.Equal(b, status, response.status)
		})
	}
}

func benchRequest(method, path, body string, header []string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(header[0], header[1])
	return r
}

func BenchmarkListPageOf100(b *testing.B) {
	for _, c := range []struct {
		name  string
		query func(*populatedWorld) string
	}{
		{"all", func(*populatedWorld) string { return "" }},
		{"rejected", func(*populatedWorld) string { return "&status=rejected" }},
		{"rarePending", func(*populatedWorld) string { return "&status=pending" }},
		{"middle", middleCursor},
	} {
		b.Run(c.name, func(b *testing.B) {
			run(b, http.StatusOK, func(w *populatedWorld) *http.Request {
				return benchRequest("GET", w.path("applications?limit=100"+c.query(w)), "", w.admin())
			})
		})
	}
}

// middleCursor walks by pages of the API to the middle of the list.
func middleCursor(w *populatedWorld) string {
	cursor := ""
	for page := 0; ; page++ {
		recorder := httptest.NewRecorder()
		w.ServeHTTP(recorder, benchRequest("GET", w.path("applications?limit=100"+cursor), "", w.admin()))
		var body struct {
			Data       []struct{ Email string }
			Pagination struct{ Cursor string }
		}
		if err := json.Unmarshal(recorder.Body.Bytes(), &body); err != nil {
			panic(err)
		}
		if body.Data[len(body.Data)-1].Email <= w.email {
			return cursor
		}
		cursor = "&cursor=" + body.Pagination.Cursor
	}
}

func BenchmarkStatusByEmail(b *testing.B) {
	run(b, http.StatusOK, func(w *populatedWorld) *http.Request {
		return benchRequest("GET", "/v1/affiliate/apply/status?email="+w.email, "", w.key())
	})
}

func BenchmarkPartnerByCustomer(b *testing.B) {
	run(b, http.StatusOK, func(w *populatedWorld) *http.Request {
		return benchRequest("GET", "/v1/affiliate/by-customer/"+w.partner.CustomerID, "", w.key())
	})
}

func BenchmarkDashboard(b *testing.B) {
	run(b, http.StatusOK, func(w *populatedWorld) *http.Request {
		return benchRequest("GET", "/v1/affiliate/dashboard", "", w.session(w.partner.CustomerID))
	})
}

func BenchmarkTrackByCode(b *testing.B) {
	run(b, http.StatusCreated, func(w *populatedWorld) *http.Request {
		return benchRequest("POST", "/v1/affiliate/track", `{"code": "`+w.partner.Code+`"}`, w.key())
	})
}
