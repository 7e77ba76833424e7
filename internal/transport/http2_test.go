package transport_test

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// frameServer speaks HTTP/2 frame by frame, so that it can act on a request and then
// do what no server of net/http does.
type frameServer struct {
	url     string
	listen  net.Listener
	respond func(s *frameStream, n int) // to the n-th request, from 0, once it is there whole

	mu       sync.Mutex
	requests int
	conns    []net.Conn
}

func (f *frameServer) accept(serving *sync.WaitGroup) {
	for {
		conn, err := f.listen.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.conns = append(f.conns, conn)
		f.mu.Unlock()
		serving.Go(func() {
			defer conn.Close()
			f.serve(conn)
		})
	}
}

// close ends the connections as well, some of which net/http still takes for busy.
func (f *frameServer) close() {
	f.listen.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, conn := range f.conns {
		conn.Close()
	}
}

func (f *frameServer) serve(conn net.Conn) {
	if _, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	writeFrame(conn, frameSettings, 0, 0, nil)
	for {
		var head [9]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		kind, flags, id := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(conn, payload); err != nil {
			return
		}
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			writeFrame(conn, frameSettings, flagAck, 0, nil)
		case kind == framePing && flags&flagAck == 0:
			writeFrame(conn, framePing, flagAck, 0, payload)
		case (kind == frameHeaders || kind == frameData) && flags&flagEndStream != 0:
			f.respond(&frameStream{conn, id}, f.count())
		}
	}
}

func (f *frameServer) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	return f.requests - 1
}

func (f *frameServer) received() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

// frameStream is one request and the connection that it came on.
type frameStream struct {
	conn net.Conn
	id   uint32
}

func (s *frameStream) reset(code uint32) {
	writeFrame(s.conn, frameReset, 0, s.id, binary.BigEndian.AppendUint32(nil, code))
}

func (s *frameStream) goAway(last, code uint32) {
	writeFrame(s.conn, frameGoAway, 0, 0, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), code))
}

// inform sends an informational response, 103 Early Hints.
func (s *frameStream) inform() {
	writeFrame(s.conn, frameHeaders, flagEndHeaders, s.id, []byte{0x08, 3, '1', '0', '3'})
}

// ok responds with status 200, which is a single byte in HPACK.
func (s *frameStream) ok(body string) {
	writeFrame(s.conn, frameHeaders, flagEndHeaders, s.id, []byte{0x88})
	writeFrame(s.conn, frameData, flagEndStream, s.id, []byte(body))
}

const (
	frameData         = 0x0
	frameHeaders      = 0x1
	frameReset        = 0x3
	frameSettings     = 0x4
	framePing         = 0x6
	frameGoAway       = 0x7
	flagEndStream     = 0x1
	flagAck           = 0x1
	flagEndHeaders    = 0x4
	codeNo            = 0x0
	codeProtocol      = 0x1
	codeInternal      = 0x2
	codeRefusedStream = 0x7
	codeCancel        = 0x8
	codeCalm          = 0xb
)

// serveFrames starts a frameServer, and returns it with a client that trusts it.
func serveFrames(t *testing.T, respond func(s *frameStream, n int)) (*frameServer, *http.Client) {
	t.Helper()
	trust := httptest.NewUnstartedServer(nil) // for its certificate
	trust.EnableHTTP2 = true
	trust.StartTLS()
	t.Cleanup(trust.Close)

	listen, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: trust.TLS.Certificates, NextProtos: []string{"h2"}})
	require.NoError(t, err)
	server := startFrames(t, listen, "https://", respond)
	return server, &http.Client{Transport: trust.Client().Transport.(*http.Transport).Clone()}
}

// serveCleartextFrames does the same without TLS.
func serveCleartextFrames(t *testing.T, respond func(s *frameStream, n int)) (*frameServer, *http.Client) {
	t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	network := &http.Transport{Protocols: &http.Protocols{}}
	network.Protocols.SetUnencryptedHTTP2(true)
	return startFrames(t, listen, "http://", respond), &http.Client{Transport: network}
}

func startFrames(t *testing.T, listen net.Listener, scheme string, respond func(s *frameStream, n int)) *frameServer {
	server := &frameServer{url: scheme + listen.Addr().String(), listen: listen, respond: respond}
	var serving sync.WaitGroup
	serving.Go(func() { server.accept(&serving) })
	t.Cleanup(func() {
		server.close()
		serving.Wait()
	})
	return server
}

func writeFrame(w io.Writer, kind, flags byte, id uint32, payload []byte) {
	frame := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	frame = binary.BigEndian.AppendUint32(frame, id)
	_, _ = w.Write(append(frame, payload...))
}

// net/http replays an HTTP/2 request after some of these without a bound
// (golang/go#52459), and calls none of its hooks.
func TestHTTP2RequestReachesTheServerOncePerAttempt(t *testing.T) {
	const (
		unknown  = iota // whether the server has processed the request
		replayed        // it has not, but of a request without a body net/http does not report that
		refused         // it has not
	)
	failures := map[string]struct {
		respond func(s *frameStream)
		verdict int
	}{
		"a reset with PROTOCOL_ERROR":            {func(s *frameStream) { s.reset(codeProtocol) }, unknown},
		"a reset with INTERNAL_ERROR":            {func(s *frameStream) { s.reset(codeInternal) }, unknown},
		"a reset with CANCEL":                    {func(s *frameStream) { s.reset(codeCancel) }, unknown},
		"a reset with ENHANCE_YOUR_CALM":         {func(s *frameStream) { s.reset(codeCalm) }, unknown},
		"a reset with REFUSED_STREAM":            {func(s *frameStream) { s.reset(codeRefusedStream) }, unknown}, // HAProxy sends it for requests that were acted on
		"a GOAWAY for earlier streams":           {func(s *frameStream) { s.goAway(s.id-1, codeNo) }, replayed},
		"a GOAWAY with an error, likewise":       {func(s *frameStream) { s.goAway(0, codeCalm) }, refused},
		"a GOAWAY that includes it, and an end":  {func(s *frameStream) { s.goAway(s.id, codeNo); s.conn.Close() }, unknown},
		"the end of the connection":              {func(s *frameStream) { s.conn.Close() }, unknown},
		"an informational response and a reset":  {func(s *frameStream) { s.inform(); s.reset(codeProtocol) }, unknown},
		"an informational response and a GOAWAY": {func(s *frameStream) { s.inform(); s.goAway(s.id-1, codeNo) }, replayed},
		"a reset after the response has begun": {func(s *frameStream) {
			writeFrame(s.conn, frameHeaders, flagEndHeaders, s.id, []byte{0x88})
			s.reset(codeProtocol)
		}, unknown},
	}
	for failure, test := range failures {
		for kind, call := range kindsOfCall {
			for _, retries := range []int{0, 2} {
				t.Run(fmt.Sprintf("%s after %s, with %d retries", kind, failure, retries), func(t *testing.T) {
					t.Parallel()
					server, trusting := serveFrames(t, func(s *frameStream, _ int) { test.respond(s) })
					var seen attempts
					client := newClient(t, server.url, seen.watch, func(c *transport.Config) {
						c.HTTPClient = trusting
						c.Retry = transport.Retry{}
						if retries > 0 {
							c.Retry = quick(retries)
						}
					})
					err := call(t.Context(), client)
					e := failureOf(t, err)

					want := 1
					switch {
					case kind == unkeyed && test.verdict == unknown:
					case kind == unkeyedBodyless && test.verdict != refused:
					default:
						want += retries
					}
					assert.Equal(t, want, server.received(), "requests")
					assert.Equal(t, want, e.Attempts, "Error.Attempts")
					assert.Equal(t, want, seen.observed, "observed")
					assert.Equal(t, want, seen.logged(), "logged")
					assert.NotContains(t, err.Error(), "GetBody")
				})
			}
		}
	}
}

func TestHTTP2RequestIsRetriedIfServerDidNotProcessIt(t *testing.T) {
	for name, test := range map[string]struct {
		refuse func(s *frameStream)
		key    string
	}{
		"a GOAWAY for earlier streams": {func(s *frameStream) { s.goAway(s.id-1, codeNo) }, ""},
		"a refused stream, with a key": {func(s *frameStream) { s.reset(codeRefusedStream) }, "order-7"},
	} {
		t.Run(name, func(t *testing.T) {
			server, trusting := serveFrames(t, func(s *frameStream, n int) {
				if n == 1 {
					test.refuse(s)
					return
				}
				s.ok(`{"id":"a","status":"pending","enrolled":true}`)
			})
			var seen attempts
			client := newClient(t, server.url, seen.watch, func(c *transport.Config) { c.HTTPClient = trusting })
			require.NoError(t, read(client, t.Context()))
			require.NoError(t, write(client, t.Context(), test.key))
			assert.Equal(t, 3, server.received())
			assert.Equal(t, 3, seen.observed)
		})
	}
}

func TestHTTP2RedirectOfWriteKeepsBody(t *testing.T) {
	for _, status := range []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		for _, key := range []string{"", "order-7"} {
			t.Run(fmt.Sprintf("%d with key %q", status, key), func(t *testing.T) {
				var bodies, keys []string
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					assert.Equal(t, 2, r.ProtoMajor)
					assert.Equal(t, apiKey, r.Header.Get("X-Api-Key"))
					bodies, keys = append(bodies, readAll(t, r.Body)), append(keys, r.Header.Get("Idempotency-Key"))
					if len(bodies) == 1 {
						http.Redirect(w, r, "/moved", status)
						return
					}
					respondJSON(w, 201, `{"id":"a","status":"pending"}`)
				}))
				server.EnableHTTP2 = true
				server.StartTLS()
				defer server.Close()
				client := newClient(t, server.URL, func(c *transport.Config) { c.HTTPClient = server.Client() })
				require.NoError(t, write(client, t.Context(), key))
				require.Len(t, bodies, 2)
				assert.JSONEq(t, `{"name":"Jané"}`, bodies[0])
				assert.Equal(t, bodies[0], bodies[1])
				assert.Equal(t, keys[0], keys[1])
			})
		}
	}
}

// Several calls share a connection over HTTP/2: the failure of one does not affect the
// others.
func TestFailedHTTP2CallLeavesOtherCallsOfItsConnection(t *testing.T) {
	for name, serve := range map[string]func(*testing.T, func(*frameStream, int)) (*frameServer, *http.Client){
		"over TLS":     serveFrames,
		"in cleartext": serveCleartextFrames,
	} {
		t.Run(name, func(t *testing.T) {
			var first *frameStream
			received := make(chan struct{})
			server, using := serve(t, func(s *frameStream, n int) {
				switch n {
				case 0:
					first = s
					close(received)
				case 1:
					s.reset(codeRefusedStream)
					first.ok(`{"id":"a","status":"pending"}`)
				}
			})
			client := newClient(t, server.url, func(c *transport.Config) { c.HTTPClient, c.Retry = using, transport.Retry{} })
			written := make(chan error)
			go func() { written <- write(client, t.Context(), "") }()
			<-received
			require.Error(t, read(client, t.Context()))
			require.NoError(t, <-written)
			assert.Equal(t, 2, server.received())
		})
	}
}
