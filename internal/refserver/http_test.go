package refserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
)

// raw sends bytes to a server that listens, and reads the response.
func raw(t *testing.T, address, request string) reply {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer connection.Close()
	_, err = io.WriteString(connection, request)
	require.NoError(t, err)
	method, _, _ := strings.Cut(request, " ")
	if method != http.MethodHead {
		method = http.MethodGet // the response to any other method has a body
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: method})
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return reply{response.StatusCode, response.Header, string(body)}
}

// listening is a world whose server listens as those of stackbetest and stackbe-mock do.
func listening(t *testing.T) (w world, address string) {
	w = newWorld(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := w.HTTPServer()
	go func() { _ = server.Serve(listener) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	return w, listener.Addr().String()
}

func TestUnusualRequestsGetTheCommonHeaders(t *testing.T) {
	w, address := listening(t)
	key := "X-Api-Key: " + w.APIKey + "\r\n"
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"OPTIONS of the whole server":             {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"OPTIONS of the whole server in HTTP/1.0": {"OPTIONS * HTTP/1.0\r\n\r\n", 404},
		"GET of the whole server":                 {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"OPTIONS of a path":                       {"OPTIONS /v1/affiliate/apply HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		"OPTIONS of a preflight":                  {"OPTIONS /v1/affiliate/apply HTTP/1.1\r\nHost: x\r\nOrigin: https://x\r\nAccess-Control-Request-Method: POST\r\n\r\n", 405},
		"CONNECT to another host":                 {"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 404},
		"CONNECT to a path":                       {"CONNECT /v1/affiliate HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		"TRACE":                                   {"TRACE /v1/affiliate HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		"an unknown method":                       {"BREW /v1/affiliate HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		"a method in lower case":                  {"get /v1/affiliate HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		"an unknown method, elsewhere":            {"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"HTTP/1.0 without a host":                 {"GET /v1/affiliate/by-customer/c HTTP/1.0\r\n" + key + "\r\n", 200},
		"HTTP/1.1 with an empty host":             {"GET /v1/affiliate/by-customer/c HTTP/1.1\r\nHost:\r\n" + key + "\r\n", 200},
		"an absolute URL":                         {"GET http://elsewhere.example/v1/affiliate/by-customer/c HTTP/1.1\r\nHost: x\r\n" + key + "\r\n", 200},
		"an absolute URL without a path":          {"GET http://elsewhere.example HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"a path of two slashes":                   {"GET //v1/affiliate HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"an upgrade":                              {"GET /v1/affiliate HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 401},
		"a body of a GET":                         {"GET /v1/affiliate/by-customer/c HTTP/1.1\r\nHost: x\r\n" + key + "Content-Length: 2\r\n\r\n{}", 200},
		"a body of broken chunks":                 {"POST /v1/affiliate/apply HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + key + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
		"a body that expects to be asked for":     {"POST /v1/affiliate/apply HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" + key + "\r\n", 415},
	} {
		t.Run(name, func(t *testing.T) {
			got := raw(t, address, c.request)
			assert.Equal(t, c.status, got.status, got.body)
			assert.Regexp(t, `^req_[a-z0-9]+$`, got.header.Get("X-Request-Id"))
			for _, header := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Date"} {
				assert.NotEmpty(t, got.header.Get(header), header)
			}
			if c.status >= 400 {
				got.problems(t)
			}
			assert.Equal(t, c.status == 405, got.header.Get("Allow") != "")
		})
	}
}

// TestMalformedRequestGetsResponseOfNetHTTP pins what docs/contract.md excepts from its promises.
func TestMalformedRequestGetsResponseOfNetHTTP(t *testing.T) {
	_, address := listening(t)
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"no HTTP":                     {"hello\r\n\r\n", 400},
		"HTTP/1.1 without a host":     {"GET /v1/affiliate HTTP/1.1\r\n\r\n", 400},
		"two hosts":                   {"GET /v1/affiliate HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
		"a host that is none":         {"GET /v1/affiliate HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
		"a header that is none":       {"GET /v1/affiliate HTTP/1.1\r\nHost: x\r\na b: c\r\n\r\n", 400},
		"a target that is not a URL":  {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"headers of more than 64 KiB": {"GET /v1/affiliate HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 70<<10) + "\r\n\r\n", 431},
		"an unknown expectation":      {"GET /v1/affiliate HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417},
		"an unknown coding":           {"POST /v1/affiliate/apply HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: tea\r\n\r\n", 501},
		"a version to come":           {"GET /v1/affiliate HTTP/9.0\r\nHost: x\r\n\r\n", 505},
	} {
		t.Run(name, func(t *testing.T) {
			got := raw(t, address, c.request)
			assert.Equal(t, c.status, got.status, got.body)
			assert.Empty(t, got.header.Get("X-Request-Id"))
		})
	}
}

func TestPortalLinkWithoutHostHeaderHasServerAddress(t *testing.T) {
	w, address := listening(t)
	token := w.token(w.partner(t, "jane@acme.com", "JANE20").CustomerID)
	for _, request := range []string{"GET /v1/affiliate/portal-link HTTP/1.0\r\n", "GET /v1/affiliate/portal-link HTTP/1.1\r\nHost:\r\n"} {
		got := raw(t, address, request+"Authorization: Bearer "+token+"\r\n\r\n")
		require.Equal(t, 200, got.status, got.body)
		url := got.json(t)["url"].(string)
		assert.True(t, strings.HasPrefix(url, "http://"+address+"/portal/"), url)
	}
}

// pipes is a listener whose connections are in memory, so that time may be a test's own.
type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case connection := <-p.connections:
		return connection, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func TestIdleAndSlowConnectionsAreClosed(t *testing.T) {
	const get = "GET /v1/affiliate/by-customer/c HTTP/1.1\r\nHost: x\r\n"
	for name, c := range map[string]struct {
		sent   string
		status int // of the response that is read first; 0 for none
		limit  time.Duration
	}{
		"who sends nothing":                {"", 0, 10 * time.Second},
		"whose headers do not end":         {get + "X-Slow: 1", 0, 10 * time.Second},
		"whose body does not come":         {"POST /v1/affiliate/apply HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Api-Key: %s\r\nContent-Length: 9\r\n\r\n{", 400, 30 * time.Second},
		"whose body of a GET does not":     {get + "X-Api-Key: %s\r\nContent-Length: 9\r\n\r\n{", 200, 30 * time.Second},
		"who stays after a response":       {get + "X-Api-Key: %s\r\n\r\n", 200, 2 * time.Minute},
		"who does not read the response":   {"GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n", 0, time.Minute},
		"who stays after a bad credential": {get + "X-Api-Key: none\r\n\r\n", 401, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reference := refserver.New(refserver.Config{})
				defer reference.Close()
				app, err := reference.AddApp(refserver.AppParams{})
				require.NoError(t, err)
				listener := &pipes{make(chan net.Conn), make(chan struct{})}
				server := reference.HTTPServer()
				go func() { _ = server.Serve(listener) }()
				defer server.Close()
				client, accepted := net.Pipe()
				defer client.Close()
				listener.connections <- accepted

				started := time.Now()
				if sent := c.sent; sent != "" {
					if strings.Contains(sent, "%s") {
						sent = fmt.Sprintf(sent, app.APIKey)
					}
					_, err = io.WriteString(client, sent)
					require.NoError(t, err)
				}
				if c.status > 0 {
					response, err := http.ReadResponse(bufio.NewReader(client), nil)
					require.NoError(t, err)
					assert.Equal(t, c.status, response.StatusCode)
				} else if strings.Contains(c.sent, "openapi") {
					time.Sleep(c.limit)
					synctest.Wait()
				}
				_, _ = io.Copy(io.Discard, client) // until the server hangs up
				assert.GreaterOrEqual(t, time.Since(started), c.limit)
				assert.LessOrEqual(t, time.Since(started), c.limit+time.Second)
			})
		})
	}
}
