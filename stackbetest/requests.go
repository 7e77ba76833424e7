package stackbetest

import (
	"net/http"
	"time"
)

// A Request is one request to the server, and its response. Credentials, portal links and the secrets
// of webhooks are redacted.
type Request struct {
	ID       string        // the response's request id
	Time     time.Time     // when it arrived, on the server's clock
	Duration time.Duration // until the response, in real time
	Method   string
	Path     string
	Query    string // as it was sent
	Header   http.Header
	Body     []byte // as far as the server read it, at most 16 KiB

	Status         int // 0 if the connection was closed without a response
	ResponseHeader http.Header
	ResponseBody   []byte // at most 16 KiB

	// Fault is true if a fault acted on the request: see [Server.Fail].
	Fault bool
}

// Requests returns copies of the requests, in the order in which they ended: those of clients, and not
// what the test did through the server's own methods. A request is there once its client has the
// response. The server keeps the newest 1,000, and 8 MiB of them.
func (s *Server) Requests() []Request {
	var all []Request
	for _, r := range s.reference.Requests.All() {
		all = append(all, Request{
			ID:             r.ID,
			Time:           r.Time,
			Duration:       time.Duration(r.Duration),
			Method:         r.Method,
			Path:           r.Path,
			Query:          r.Query,
			Header:         r.Header,
			Body:           []byte(r.Body),
			Status:         r.Status,
			ResponseHeader: r.ResponseHeader,
			ResponseBody:   []byte(r.ResponseBody),
			Fault:          r.Fault != "",
		})
	}
	return all
}
