package bench

import (
	"bufio"
	"context"
	"html/template"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// hanging is the API while it does not respond: no page may notice.
type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// sitePage is a small page of a website.
var sitePage = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title></head>
<body><h1>{{.Title}}</h1><ul>{{range .Plans}}<li>{{.}}</li>{{end}}</ul></body></html>
`))

func serveSite(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = sitePage.Execute(w, struct {
		Title string
		Plans []string
	}{"Pricing", []string{"Free", "Pro", "Business", "Enterprise"}})
}

// visits are the requests of the benchmark. What a visitor with a link has more than others is the
// row of the same name without the capture.
var visits = []struct{ name, target, cookie string }{
	{"plain", "/pricing", ""},
	{"other-cookies", "/pricing?page=2&sort=price", "session=0123456789abcdef; theme=dark; _ga=GA1.1.123456789.1700000000"},
	{"with-cookie", "/pricing", "session=0123456789abcdef; stackbe_ref="},
	{"with-link", "/pricing?ref=JANE20", "session=0123456789abcdef"},
	{"reload", "/pricing?ref=JANE20", "session=0123456789abcdef; stackbe_ref="},
}

// BenchmarkSite is of a page, without the capture and with it.
func BenchmarkSite(b *testing.B) {
	handlers := siteHandlers(b)
	b.Run("net=none", func(b *testing.B) {
		for _, visit := range visits {
			for _, by := range []string{"bare", "stackbe"} {
				b.Run("visit="+visit.name+"/by="+by, func(b *testing.B) {
					r, w := siteRequest(visit.target, visit.cookie), &memoryWriter{}
					b.ReportAllocs()
					for b.Loop() {
						w.header = http.Header{}
						handlers[by].ServeHTTP(w, r)
					}
				})
			}
		}
	})
	b.Run("net=loopback", func(b *testing.B) {
		for _, visit := range visits {
			for _, by := range []string{"bare", "stackbe"} {
				b.Run("visit="+visit.name+"/by="+by, func(b *testing.B) {
					server := httptest.NewServer(handlers[by])
					defer server.Close()
					client := server.Client()
					b.ReportAllocs()
					for b.Loop() {
						r := siteRequest(visit.target, visit.cookie)
						r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", server.Listener.Addr().String()
						response, err := client.Do(r)
						if err != nil {
							b.Fatal(err)
						}
						_, _ = io.Copy(io.Discard, response.Body)
						_ = response.Body.Close()
					}
				})
			}
		}
	})
}

func siteHandlers(tb testing.TB, options ...affiliates.ReferralOption) map[string]http.Handler {
	tb.Helper()
	client, err := stackbe.New(stackbe.Config{APIKey: apiKey, HTTPClient: &http.Client{Transport: hanging{}}})
	require.NoError(tb, err)
	capture, err := affiliates.NewReferralCapture(client.Affiliates, options...)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = capture.Close(ctx) // the API hangs
	})
	bare := http.HandlerFunc(serveSite)
	return map[string]http.Handler{"bare": bare, "stackbe": capture.Middleware(bare)}
}

// attributed is the cookie of a visitor whose click has been tracked.
func attributed() string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	moment := ""
	for seconds := time.Now().Unix(); seconds > 0; seconds /= 36 {
		moment = string(digits[seconds%36]) + moment
	}
	return "1.JANE20." + moment + ".q.MZXW6YTBOI4DQMBQGEZTEMJSGI.cmjcbidrx0004n13ye2b7pryh"
}

func siteRequest(target, cookie string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+target, nil)
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36")
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	r.Header.Set("Sec-Fetch-Dest", "document")
	if cookie != "" {
		if cookie[len(cookie)-1] == '=' {
			cookie += attributed()
		}
		r.Header.Set("Cookie", cookie)
	}
	return r
}

// memoryWriter is a ResponseWriter without a socket.
type memoryWriter struct{ header http.Header }

func (w *memoryWriter) Header() http.Header         { return w.header }
func (w *memoryWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *memoryWriter) WriteHeader(int)             {}
func (w *memoryWriter) reset()                      { w.header = http.Header{} }

// resettable is a ResponseWriter for one response after another.
type resettable interface {
	http.ResponseWriter
	reset()
}

// http1Writer has the optional methods of the server's writer for HTTP/1.1.
type http1Writer struct{ memoryWriter }

func (w *http1Writer) Flush()                                       {}
func (w *http1Writer) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, nil }
func (w *http1Writer) ReadFrom(r io.Reader) (int64, error)          { return io.Copy(&w.memoryWriter, r) }

// http2Writer has those of HTTP/2.
type http2Writer struct{ memoryWriter }

func (w *http2Writer) Flush()                               {}
func (w *http2Writer) Push(string, *http.PushOptions) error { return nil }

func TestAllocationsOfReferralCapture(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool drop what it is given")
	}
	for name, options := range map[string][]affiliates.ReferralOption{
		"by default":    nil,
		"with a domain": {affiliates.WithDomain("example.com")},
		"with a name":   {affiliates.WithCookieName("stackbe_ref_2")},
	} {
		handlers := siteHandlers(t, options...)
		for _, visit := range visits[:3] { // those without a link
			r := siteRequest(visit.target, visit.cookie)
			if name == "with a name" {
				r.Header.Set("Cookie", strings.Replace(r.Header.Get("Cookie"), "stackbe_ref=", "stackbe_ref_2=", 1))
			}
			for kind, w := range map[string]resettable{"no optional methods": &memoryWriter{}, "those of HTTP/1.1": &http1Writer{}, "those of HTTP/2": &http2Writer{}} {
				t.Run("a page makes at most two more: "+name+", "+visit.name+", a writer with "+kind, func(t *testing.T) {
					of := func(by string) float64 {
						return testing.AllocsPerRun(500, func() {
							w.reset()
							handlers[by].ServeHTTP(w, r)
						})
					}
					assert.LessOrEqual(t, of("stackbe"), of("bare")+2)
				})
			}
		}
	}
}
