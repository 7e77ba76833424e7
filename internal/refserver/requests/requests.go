// Package requests keeps the newest requests to a server, with their responses, for a person or a
// test to look at. Credentials are redacted when they are read, so that a request costs little.
package requests

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/duration"
)

// Bounds on what is kept.
const (
	// MaxRequests is how many requests are kept, the newest.
	MaxRequests = 1000
	// MaxBody is how many bytes of a body are kept.
	MaxBody = 16 << 10
	// beyondBody is how many bytes after those are kept to find a secret that begins in the one and ends in
	// the other. They are not shown.
	beyondBody = 2 << 10
	// maxBytes is about how many bytes all requests have together. Beyond it, the oldest is dropped.
	maxBytes = 8 << 20
	// overhead is about the size of a request without its texts.
	overhead = 512
)

// A Request is one request and its response, with its credentials redacted.
type Request struct {
	// Sequence counts the requests of the log from 1 on, in the order in which they ended.
	Sequence int `json:"sequence"`
	// ID is the request id of the response.
	ID string `json:"id,omitempty"`
	// Time is when the request arrived, on the server's clock.
	Time time.Time `json:"time"`
	// Duration is how long the response took, in real time.
	Duration duration.Text `json:"duration"`
	Method   string        `json:"method"`
	Path     string        `json:"path"`
	Query    string        `json:"query,omitempty"`
	Header   http.Header   `json:"header"`
	// Body is the body as far as the server read it, and its first [MaxBody] bytes.
	Body string `json:"body,omitempty"`
	// BodySize is how many bytes of the body the server read.
	BodySize int `json:"bodySize,omitempty"`
	// Status is that of the response; 0 if the connection was closed without one.
	Status         int         `json:"status"`
	ResponseHeader http.Header `json:"responseHeader"`
	// ResponseBody has at most the first [MaxBody] bytes.
	ResponseBody     string `json:"responseBody,omitempty"`
	ResponseBodySize int    `json:"responseBodySize,omitempty"`
	// Fault is the id of the fault that acted on the request; empty if none did.
	Fault string `json:"fault,omitempty"`
}

// Config configures a [Log]. Every field is required.
type Config struct {
	Now func() time.Time
	// RequestIDHeader is the header of the response that has the request's id.
	RequestIDHeader string
	// CredentialHeaders are headers of requests whose values are credentials, beside the usual ones.
	CredentialHeaders []string
	// Secrets are texts to redact wherever they occur. Those that are replaced are told to [Log.Replaced].
	Secrets func() []string
}

// A Log keeps the newest requests. It is safe for concurrent use.
type Log struct {
	config  Config
	present atomic.Pointer[period]

	mu    sync.Mutex
	ring  []*kept // MaxRequests long; the request with the sequence number n is at n % MaxRequests
	count int     // of requests that are kept
	last  int     // sequence number
	size  int     // of the requests that are kept
}

// kept is a request as it was. It does not change once it is in a log.
type kept struct {
	size     int // in the log, about
	request  Request
	appID    string // whose credential or session it had; empty if it had none that is known
	body     []byte
	response []byte
	began    *period
	ended    *period
}

// New makes an empty log.
func New(config Config) *Log {
	l := &Log{config: config}
	l.present.Store(&period{})
	return l
}

// A Recorder is the response writer of a request that is recorded.
type Recorder struct {
	http.ResponseWriter
	// Fault is [Request].Fault.
	Fault string

	kept *kept
	body body
}

// Serve calls next and adds the request to the log, also if next panics. The request is recorded
// before its response can be complete, so a client that has a response finds its request in the log.
func (l *Log) Serve(w http.ResponseWriter, r *http.Request, next func(*Recorder, *http.Request)) {
	recorder := &Recorder{ResponseWriter: w, kept: &kept{began: l.present.Load(), request: Request{
		Time:   l.now().UTC(),
		Method: r.Method,
		Path:   r.URL.Path,
		Query:  r.URL.RawQuery,
		Header: r.Header,
	}}}
	started := time.Now()
	original := r.Body
	if original != nil && original != http.NoBody {
		recorder.body = body{original, recorder.kept}
		r.Body = &recorder.body
	}
	returned := false
	defer func() {
		r.Body = original
		if returned && recorder.kept.request.Status == 0 {
			recorder.kept.request.Status = http.StatusOK // what net/http sends
		}
		recorder.kept.request.Duration = duration.Text(time.Since(started))
		recorder.kept.request.Fault = recorder.Fault
		recorder.kept.request.ResponseHeader = w.Header()
		l.add(recorder.kept)
	}()
	next(recorder, r)
	returned = true
}

// now is the time, or zero if the clock panics: the handler behind the log has a response for that.
func (l *Log) now() time.Time {
	defer func() { _ = recover() }()
	return l.config.Now()
}

// Write records the beginning of the body.
func (r *Recorder) Write(p []byte) (int, error) {
	if r.kept.request.Status == 0 {
		r.kept.request.Status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	if r.kept.request.Method == http.MethodHead {
		return n, err // it is not sent
	}
	r.kept.request.ResponseBodySize += n
	r.kept.response = appendCapped(r.kept.response, p[:n])
	return n, err
}

// WriteHeader records the status.
func (r *Recorder) WriteHeader(status int) {
	if r.kept.request.Status == 0 && status >= http.StatusOK {
		r.kept.request.Status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap is for [http.ResponseController].
func (r *Recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// body records the beginning of a request's body as it is read.
type body struct {
	io.ReadCloser
	kept *kept
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.kept.request.BodySize += n
	b.kept.body = appendCapped(b.kept.body, p[:n])
	return n, err
}

func appendCapped(to, more []byte) []byte {
	return append(to, more[:min(len(more), MaxBody+beyondBody-len(to))]...)
}

func (k *kept) measure() int {
	r := &k.request
	return overhead + len(r.Path) + len(r.Query) + len(k.body) + len(k.response) + headerSize(r.Header) + headerSize(r.ResponseHeader)
}

func headerSize(header http.Header) (size int) {
	for name, values := range header {
		size += len(name)
		for _, value := range values {
			size += len(value)
		}
	}
	return size
}

func (l *Log) add(added *kept) {
	added.size = added.measure()

	l.mu.Lock()
	defer l.mu.Unlock()

	if l.ring == nil {
		l.ring = make([]*kept, MaxRequests)
	}
	if l.count == MaxRequests {
		l.dropOldest()
	}
	added.ended = l.present.Load()
	l.last++
	added.request.Sequence = l.last
	l.ring[l.last%MaxRequests] = added
	l.count++
	l.size += added.size
	for l.size > maxBytes && l.count > 1 {
		l.dropOldest()
	}
}

func (l *Log) dropOldest() {
	at := (l.last - l.count + 1) % MaxRequests
	l.size -= l.ring[at].size
	l.ring[at] = nil
	l.count--
}

// Clear drops the requests. The sequence numbers go on.
func (l *Log) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.ring, l.count, l.size = nil, 0, 0
}

// All returns copies of the requests that are kept, oldest first.
func (l *Log) All() []Request { return l.redacted(l.allKept()) }

// Dropped returns how many requests are not kept any more.
func (l *Log) Dropped() int {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.last - l.count
}

func (l *Log) allKept() (all []*kept) {
	l.mu.Lock()
	defer l.mu.Unlock()

	for sequence := l.last - l.count + 1; sequence <= l.last; sequence++ {
		all = append(all, l.ring[sequence%MaxRequests])
	}
	return all
}
