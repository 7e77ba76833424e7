package affiliates_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

func TestResponseWithCookieIsKeptOutOfCaches(t *testing.T) {
	for name, respond := range map[string]http.HandlerFunc{
		"a handler that writes nothing": func(http.ResponseWriter, *http.Request) {},
		"a status":                      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
		"a body without a status":       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("page")) },
		"a text without a status":       func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "page") },
		"a flush without a status":      func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
		"a flush by the controller":     func(w http.ResponseWriter, _ *http.Request) { _ = http.NewResponseController(w).Flush() },
		"a copy": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader("page")})
		},
		"a file": func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "page.html", time.Now(), strings.NewReader("page"))
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusMovedPermanently)
		},
		"a page not found":     http.NotFound,
		"304 Not Modified":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) },
		"204 No Content":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"early hints, and 200": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusEarlyHints); w.WriteHeader(200) },
		"a second status":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); w.WriteHeader(500) },
		"a time limit":         http.TimeoutHandler(http.HandlerFunc(http.NotFound), time.Minute, "").ServeHTTP,
		"a handler that clears the header": func(w http.ResponseWriter, _ *http.Request) {
			clear(w.Header())
			w.WriteHeader(200)
		},
		"a handler that sets other cookies": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", "session=1")
			w.WriteHeader(200)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.serve(func(w http.ResponseWriter, r *http.Request) {
				h := w.Header()
				h.Set("Cache-Control", "public, max-age=31536000, immutable")
				h["cache-control"] = []string{"public"}
				for _, name := range []string{"CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "X-LiteSpeed-Cache-Control", "Surrogate-Control", "Edge-Control"} {
					h.Set(name, "max-age=31536000")
				}
				h["CDN-Cache-Control"] = []string{"max-age=31536000"}
				h.Set("X-Accel-Expires", "31536000")
				h.Set("Expires", "Fri, 01 Jan 2100 00:00:00 GMT")
				h.Set("ETag", `"1"`)
				respond(w, r)
			})
			server := httptest.NewUnstartedServer(s.handler)
			server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the second status
			server.Start()
			defer server.Close()
			response := get(t, server, "/?ref=JANE20")
			assert.Equal(t, []string{"private, no-store"}, response.Header["Cache-Control"])
			for _, name := range []string{"Cdn-Cache-Control", "Cloudflare-Cdn-Cache-Control", "X-Litespeed-Cache-Control", "Surrogate-Control", "Edge-Control", "X-Accel-Expires", "Expires"} {
				assert.NotContains(t, response.Header, name)
			}
			cookies := strings.Join(response.Header["Set-Cookie"], "\n")
			assert.Equal(t, 1, strings.Count(cookies, "stackbe_ref=1.JANE20."), cookies)
			if name == "a handler that sets other cookies" {
				assert.Contains(t, cookies, "session=1")
			}
		})
	}
}

// get sends a request to a server, and follows no redirect.
func get(t *testing.T, server *httptest.Server, target string) *http.Response {
	t.Helper()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Get(server.URL + target)
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response
}

// A cache that kept the page would hide the clicks of other visitors.
func TestPageWithACodeIsKeptOutOfCachesWithoutTheCookieToo(t *testing.T) {
	for name, open := range map[string]func(b *browser) shown{
		"after a reload": func(b *browser) shown {
			b.open("/?ref=JANE20")
			synctest.Wait()
			b.open("/?ref=JANE20") // brings the cookie the click
			return b.open("/?ref=JANE20")
		},
		"without consent": func(b *browser) shown { return b.open("/?ref=JANE20", "Consent", "no") },
		"for a bot":       func(b *browser) shown { return b.open("/?ref=JANE20", "User-Agent", "Googlebot") },
		"in a frame":      func(b *browser) shown { return b.open("/?ref=JANE20", "Sec-Fetch-Dest", "iframe") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t, affiliates.WithConsent(func(r *http.Request) bool { return r.Header.Get("Consent") == "" })).visitor()
				response := open(visitor)
				assert.Empty(t, response.cookie())
				assert.Equal(t, "private, no-store", response.Header.Get("Cache-Control"))
			})
		})
	}
}

func TestOtherResponsesAreLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		var given http.ResponseWriter
		s.serve(func(w http.ResponseWriter, _ *http.Request) { given = w; w.Header().Set("Cache-Control", "public") })
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		_, server := given.(*httptest.ResponseRecorder)
		assert.False(t, server)
		synctest.Wait()
		visitor.open("/") // brings the cookie the click
		for name, open := range map[string]func() shown{
			"with the cookie":    func() shown { return visitor.open("/") },
			"without the cookie": func() shown { return s.visitor().open("/") },
			"a HEAD request":     func() shown { return s.visitor().send("HEAD", "/?ref=JANE20") },
			"an invalid code":    func() shown { return s.visitor().open("/?ref=x") },
		} {
			response := open()
			assert.IsType(t, &httptest.ResponseRecorder{}, given, "%s: the writer is the server's", name)
			assert.Equal(t, http.Header{"Cache-Control": {"public"}}, response.Header, name)
		}
	})
}

func TestCookieDoesNotReachEarlyHints(t *testing.T) {
	s := newSite(t)
	s.serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</x.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Cache-Control", "public")
	})
	server := httptest.NewServer(s.handler)
	defer server.Close()
	var hints textproto.MIMEHeader
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(_ int, h textproto.MIMEHeader) error { hints = h; return nil }})
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/?ref=JANE20", nil)
	require.NoError(t, err)
	response, err := server.Client().Do(r)
	require.NoError(t, err)
	_ = response.Body.Close()
	assert.NotContains(t, hints, "Set-Cookie")
	assert.Contains(t, hints, "Link")
	assert.Contains(t, response.Header, "Set-Cookie")
	assert.Equal(t, "private, no-store", response.Header.Get("Cache-Control"))
}

func TestPageWithACodeIsServedWhole(t *testing.T) {
	s := newSite(t)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "page.html", time.Time{}, strings.NewReader("page"))
	})
	visitor := s.visitor()
	assert.Equal(t, 304, visitor.open("/", "If-None-Match", `"1"`).StatusCode)
	landing := visitor.open("/?ref=JANE20", "If-None-Match", `"1"`, "If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")
	assert.Equal(t, 200, landing.StatusCode, "a cache could keep the cookie with what it has")
	assert.Equal(t, "page", landing.body)
}

func TestConditionOfAWriteIsKept(t *testing.T) {
	s := newSite(t)
	var conditions []string
	s.serve(func(_ http.ResponseWriter, r *http.Request) { conditions = r.Header["If-None-Match"] })
	visitor := s.visitor()
	visitor.prefetch("/?ref=JANE20")
	assert.NotEmpty(t, visitor.send("PUT", "/record", "If-None-Match", "*").cookie())
	assert.Equal(t, []string{"*"}, conditions)
}

// plain is a writer without optional methods; the others have one each.
type plain struct{ w *httptest.ResponseRecorder }

func (p plain) Header() http.Header         { return p.w.Header() }
func (p plain) Write(b []byte) (int, error) { return p.w.Write(b) }
func (p plain) WriteHeader(status int)      { p.w.WriteHeader(status) }

type (
	flushes struct{ used *string }
	hijacks struct{ used *string }
	reads   struct{ used *string }
	pushes  struct{ used *string }
)

func (f flushes) Flush() { *f.used += "flush " }
func (h hijacks) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	*h.used += "hijack "
	return nil, nil, nil
}
func (r reads) ReadFrom(source io.Reader) (int64, error) {
	*r.used += "read "
	return io.Copy(io.Discard, source)
}
func (p pushes) Push(string, *http.PushOptions) error { *p.used += "push "; return nil }

func TestWriterHasTheOptionalMethodsOfTheServers(t *testing.T) {
	var used string
	w := plain{httptest.NewRecorder()}
	f, h, r, p := flushes{&used}, hijacks{&used}, reads{&used}, pushes{&used}
	type writer = http.ResponseWriter
	writers := map[string]writer{
		"": w,
		"flush ": struct {
			writer
			flushes
		}{w, f},
		"hijack ": struct {
			writer
			hijacks
		}{w, h},
		"read ": struct {
			writer
			reads
		}{w, r},
		"push ": struct {
			writer
			pushes
		}{w, p},
		"flush hijack ": struct {
			writer
			flushes
			hijacks
		}{w, f, h},
		"flush read ": struct {
			writer
			flushes
			reads
		}{w, f, r},
		"flush push ": struct {
			writer
			flushes
			pushes
		}{w, f, p},
		"hijack read ": struct {
			writer
			hijacks
			reads
		}{w, h, r},
		"hijack push ": struct {
			writer
			hijacks
			pushes
		}{w, h, p},
		"read push ": struct {
			writer
			reads
			pushes
		}{w, r, p},
		"flush hijack read ": struct {
			writer
			flushes
			hijacks
			reads
		}{w, f, h, r},
		"flush hijack push ": struct {
			writer
			flushes
			hijacks
			pushes
		}{w, f, h, p},
		"flush read push ": struct {
			writer
			flushes
			reads
			pushes
		}{w, f, r, p},
		"hijack read push ": struct {
			writer
			hijacks
			reads
			pushes
		}{w, h, r, p},
		"flush hijack read push ": struct {
			writer
			flushes
			hijacks
			reads
			pushes
		}{w, f, h, r, p},
	}
	require.Len(t, writers, 16)
	for methods, server := range writers {
		t.Run(methods, func(t *testing.T) {
			used = ""
			s := newSite(t)
			s.serve(func(w http.ResponseWriter, _ *http.Request) {
				if flusher, ok := w.(http.Flusher); ok {
					flusher.Flush()
				}
				if hijacker, ok := w.(http.Hijacker); ok {
					_, _, _ = hijacker.Hijack()
				}
				if reader, ok := w.(io.ReaderFrom); ok {
					_, _ = reader.ReadFrom(strings.NewReader(""))
				}
				if pusher, ok := w.(http.Pusher); ok {
					_ = pusher.Push("/x.css", nil)
				}
			})
			s.handler.ServeHTTP(server, httptest.NewRequest("GET", "/?ref=JANE20", nil))
			assert.Equal(t, methods, used)
		})
	}
}

func TestResponseControllerWorks(t *testing.T) {
	s := newSite(t)
	errs := map[string]error{}
	done := make(chan struct{})
	s.serve(func(w http.ResponseWriter, _ *http.Request) {
		defer close(done)
		c := http.NewResponseController(w)
		errs["SetReadDeadline"] = c.SetReadDeadline(time.Now().Add(time.Minute))
		errs["SetWriteDeadline"] = c.SetWriteDeadline(time.Now().Add(time.Minute))
		errs["EnableFullDuplex"] = c.EnableFullDuplex()
		errs["Flush"] = c.Flush()
		connection, _, err := c.Hijack()
		errs["Hijack"] = err
		_ = connection.Close()
	})
	server := httptest.NewServer(s.handler)
	defer server.Close()
	response := get(t, server, "/?ref=JANE20")
	assert.Contains(t, response.Header, "Set-Cookie")
	<-done
	for name, err := range errs {
		assert.NoError(t, err, name)
	}
	assert.Len(t, errs, 5)
}

// wrapping is the writer of another middleware, which hides the optional methods of the
// server's.
type wrapping struct{ http.ResponseWriter }

func (w wrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestControllerFlushesThroughAnotherMiddlewaresWriter(t *testing.T) {
	s := newSite(t)
	s.serve(func(w http.ResponseWriter, _ *http.Request) {
		_, direct := w.(http.Flusher)
		assert.False(t, direct)
		assert.NoError(t, http.NewResponseController(w).Flush())
	})
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(wrapping{w}, httptest.NewRequest("GET", "/?ref=JANE20", nil))
	assert.True(t, w.Flushed)
	assert.Contains(t, w.Result().Header, "Set-Cookie")
}

func TestControllerSaysThatAWriterCannotFlush(t *testing.T) {
	s := newSite(t)
	s.serve(func(w http.ResponseWriter, _ *http.Request) {
		assert.ErrorIs(t, http.NewResponseController(w).Flush(), errors.ErrUnsupported)
		w.Header().Set("Cache-Control", "public")
	})
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(plain{w}, httptest.NewRequest("GET", "/?ref=JANE20", nil))
	assert.Equal(t, "private, no-store", w.Header().Get("Cache-Control"), "a flush that failed has written no header")
}

func TestHijackedConnectionIsTheHandlers(t *testing.T) {
	s := newSite(t)
	s.serve(func(w http.ResponseWriter, _ *http.Request) {
		connection, buffer, err := w.(http.Hijacker).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		_, _ = buffer.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello")
		_ = buffer.Flush()
		_ = connection.Close()
	})
	server := httptest.NewServer(s.handler)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	_, _ = io.WriteString(connection, "GET /?ref=JANE20 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	all, err := io.ReadAll(connection)
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello", string(all))
}

func TestReverseProxyBehindTheMiddleware(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public")
		w.WriteHeader(http.StatusEarlyHints)
		for range 3 {
			_, _ = io.WriteString(w, "part ")
			w.(http.Flusher).Flush()
		}
	}))
	defer origin.Close()
	target, err := url.Parse(origin.URL)
	require.NoError(t, err)
	s := newSite(t)
	s.handler = s.capture.Middleware(httputil.NewSingleHostReverseProxy(target))
	server := httptest.NewServer(s.handler)
	defer server.Close()
	response := get(t, server, "/?ref=JANE20")
	assert.Equal(t, "private, no-store", response.Header.Get("Cache-Control"))
	assert.Contains(t, response.Header, "Set-Cookie")
}

func TestMiddlewareOverHTTP2(t *testing.T) {
	s := newSite(t)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		_, pushes := w.(http.Pusher)
		_, hijacks := w.(http.Hijacker)
		fmt.Fprint(w, r.ProtoMajor, pushes, hijacks)
	})
	server := httptest.NewUnstartedServer(s.handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	response, err := server.Client().Get(server.URL + "/?ref=JANE20")
	require.NoError(t, err)
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	assert.Equal(t, "2 true false", string(body))
	assert.Contains(t, response.Header.Get("Set-Cookie"), "__Host-")
}

func TestPanicOfTheHandlerPassesThrough(t *testing.T) {
	s := newSite(t)
	s.serve(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { s.visitor().open("/?ref=JANE20") })
}

// recovering is middleware that many sites have around all else.
func recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, "", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func TestPageThatPanicsCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.serve(func(http.ResponseWriter, *http.Request) { panic("no page") })
		s.handler = recovering(s.handler)
		visitor := s.visitor()
		for range 2 {
			landing := visitor.open("/?ref=JANE20")
			assert.Equal(t, http.StatusInternalServerError, landing.StatusCode)
			assert.Equal(t, "private, no-store", landing.Header.Get("Cache-Control"))
			synctest.Wait()
		}
		assert.Equal(t, []string{"JANE20"}, s.api.tracked())
		assert.Len(t, visitor.cookies, 1)
	})
}

func TestFilesOfAFormAreRemoved(t *testing.T) {
	for name, test := range map[string]struct {
		state string // of the click in the cookie
		end   func()
	}{
		"after a page":                            {"q", func() {}},
		"after a page that sets the cookie":       {"p", func() {}},
		"after a panic":                           {"q", func() { panic("no page") }},
		"after a panic of one that sets a cookie": {"p", func() { panic("no page") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			s := newSite(t)
			files := 0
			s.serve(func(_ http.ResponseWriter, r *http.Request) {
				assert.NoError(t, r.ParseMultipartForm(1))
				entries, _ := os.ReadDir(os.TempDir())
				files = len(entries)
				test.end()
			})
			server := httptest.NewServer(recovering(s.handler))
			defer server.Close()
			var body bytes.Buffer
			form := multipart.NewWriter(&body)
			part, err := form.CreateFormFile("file", "large")
			require.NoError(t, err)
			_, _ = part.Write(make([]byte, 11<<20)) // multipart keeps 10 MiB in memory
			require.NoError(t, form.Close())
			r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL, &body)
			require.NoError(t, err)
			r.Header.Set("Content-Type", form.FormDataContentType())
			r.Header.Set("Cookie", "stackbe_ref="+written("JANE20", 0, test.state, visitID))
			response, err := server.Client().Do(r)
			require.NoError(t, err)
			_ = response.Body.Close()
			assert.Equal(t, test.state == "p", response.Header.Get("Set-Cookie") != "")
			server.Close() // the server removes the files once the response is sent
			assert.Equal(t, 1, files)
			left, err := os.ReadDir(os.TempDir())
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
}

func TestMiddlewareAroundItSeesThePattern(t *testing.T) {
	s := newSite(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products/{id}", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.PathValue("id")) })
	handler := s.capture.Middleware(mux)
	for _, target := range []string{"/products/7", "/products/7?ref=JANE20"} {
		r := httptest.NewRequest("GET", target, nil)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		assert.Equal(t, "7", w.Body.String())
		assert.Equal(t, "GET /products/{id}", r.Pattern, target)
	}
}

func TestHandlerSeesTheRequestAsItIs(t *testing.T) {
	type key struct{}
	s := newSite(t)
	s.serve(func(_ http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/pricing?ref=JANE20&a=b", r.URL.String())
		assert.Equal(t, "value", r.Context().Value(key{}))
		assert.ElementsMatch(t, []string{"Cookie", "X-Custom"}, slices.Collect(maps.Keys(r.Header)))
	})
	r := httptest.NewRequest("GET", "/pricing?ref=JANE20&a=b", nil)
	r.Header.Set("Cookie", "a=b")
	r.Header.Set("X-Custom", "c")
	s.handler.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithValue(t.Context(), key{}, "value")))
}
