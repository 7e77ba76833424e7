package bench

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"time"
)

// canned is the response of both kinds of server to one of the two requests.
type canned struct {
	status int
	line   string // "200 OK"
	body   []byte
	header http.Header
}

var (
	getResponse = newCanned(http.StatusOK, `{"enrolled":true,"id":"cmjcbidrx0001n13ye2b7pryh",`+
		`"customerId":"cust_123","code":"JANE20","type":"partner","status":"active",`+
		`"commissionRate":20,"totalEarned":120.5,"pendingBalance":80.25,"createdAt":"2026-01-15T10:30:00Z"}`)
	postResponse = newCanned(http.StatusCreated, `{"id":"cmjcbidrx0002n13ye2b7pryi","status":"pending",`+
		`"message":"Thank you. We review applications within two working days."}`)
)

func newCanned(status int, body string) *canned {
	line := strconv.Itoa(status) + " " + http.StatusText(status)
	return &canned{status: status, line: line, body: []byte(body), header: http.Header{
		"Content-Type":          {"application/json"},
		"Content-Length":        {strconv.Itoa(len(body))},
		"Date":                  {"Thu, 15 Jan 2026 10:30:00 GMT"},
		"X-Request-Id":          {"req_cmjcbidrx0003n13ye2b7pryj"},
		"X-Ratelimit-Limit":     {"1000"},
		"X-Ratelimit-Remaining": {"999"},
		"X-Ratelimit-Reset":     {"1768473060"},
	}}
}

func responseTo(method string) *canned {
	if method == http.MethodGet {
		return getResponse
	}
	return postResponse
}

// memory is a transport without a socket. It reads and closes the body of the
// request, as a RoundTripper must, and costs two allocations a call.
type memory struct{}

func (memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
	}
	c := responseTo(req.Method)
	return &http.Response{
		Status:        c.line,
		StatusCode:    c.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        c.header,
		Body:          &cannedBody{rest: c.body},
		ContentLength: int64(len(c.body)),
		Request:       req,
	}, nil
}

// cannedBody is an io.ReadCloser and nothing else, as a real body is.
type cannedBody struct{ rest []byte }

func (b *cannedBody) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (*cannedBody) Close() error { return nil }

// loopback is a net/http server on a loopback address, and a client for it
// that keeps its connections alive and counts what is written to them.
type loopback struct {
	*httptest.Server
	client *http.Client
	writes atomic.Int64
}

func newLoopback(handler http.Handler) *loopback {
	l := &loopback{Server: httptest.NewUnstartedServer(handler)}
	l.Config.ReadTimeout = 10 * time.Second // as any server on a network has, and those of the examples
	l.Start()
	dialer := &net.Dialer{}
	l.client = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &countingConn{Conn: conn, writes: &l.writes}, nil
		},
	}}
	return l
}

// Close ends the client's connections before the server waits for them.
func (l *loopback) Close() {
	l.client.CloseIdleConnections()
	l.Server.Close()
}

type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// serve reads the request and writes the canned response.
func serve(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c := responseTo(r.Method)
	for name, values := range c.header {
		w.Header()[name] = values
	}
	w.WriteHeader(c.status)
	w.Write(c.body)
}
