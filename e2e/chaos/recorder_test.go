package chaos

import (
	"bytes"
	"net/http"
	"sync"
)

// callHeader carries the name of a call to the server.
const callHeader = "X-Chaos-Call"

// A recorder stands in front of the reference server, and keeps what became of each call there.
type recorder struct {
	next http.Handler

	mu    sync.Mutex
	done  *sync.Cond // a request has been responded to
	calls map[string]*served
}

// served is a call as the server sees it.
type served struct {
	requests int    // that reached the server
	inFlight int    // of them
	effects  int    // 2xx responses
	body     []byte // of the last of these
	over     bool   // later requests are refused
}

func newRecorder(next http.Handler) *recorder {
	r := &recorder{next: next, calls: make(map[string]*served)}
	r.done = sync.NewCond(&r.mu)
	return r
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	name := request.Header.Get(callHeader)
	if name == "" {
		r.next.ServeHTTP(w, request)
		return
	}
	if !r.begin(name) {
		http.Error(w, "the call is over", http.StatusGone)
		return
	}
	response := &tee{ResponseWriter: w, status: http.StatusOK}
	defer r.end(name, response)
	r.next.ServeHTTP(response, request)
}

func (r *recorder) begin(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	call := r.call(name)
	call.requests++
	if call.over {
		return false
	}
	call.inFlight++
	return true
}

func (r *recorder) end(name string, response *tee) {
	r.mu.Lock()
	defer r.mu.Unlock()
	call := r.call(name)
	call.inFlight--
	if response.status >= 200 && response.status <= 299 {
		call.effects++
		call.body = response.body.Bytes()
	}
	r.done.Broadcast()
}

func (r *recorder) call(name string) *served {
	call := r.calls[name]
	if call == nil {
		call = &served{}
		r.calls[name] = call
	}
	return call
}

// settle ends a call: requests that are still on their way are refused. It returns what the
// server has done for it.
func (r *recorder) settle(name string) served {
	r.mu.Lock()
	defer r.mu.Unlock()
	call := r.call(name)
	call.over = true
	for call.inFlight > 0 {
		r.done.Wait()
	}
	return *call
}

// requests returns how many requests of a call have reached the server.
func (r *recorder) requests(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.call(name).requests
}

// A tee keeps a copy of the response.
type tee struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (t *tee) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *tee) Write(p []byte) (int, error) {
	t.body.Write(p)
	return t.ResponseWriter.Write(p)
}

// Unwrap lets a fault flush what it truncates.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }
