package stackbetest

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/duration"
	"github.com/stackbe/stackbe-go/internal/refserver/fault"
)

// A Fault says which requests go wrong, and how: see [Server.Fail]. Without Status, Body and Drop, a
// request is executed and gets its own response, changed by Header, Delay and Truncate.
type Fault struct {
	// Method is the method of the requests. Empty means any.
	Method string
	// Path is the path of the requests: exact, or a pattern of [http.ServeMux], without a method and a
	// host, such as "/v1/affiliate/by-customer/{id}" or "/v1/affiliate/account/". Empty means any.
	Path string
	// After is how many requests are let through first.
	After int
	// Times is how many requests go wrong after those. 0 means all.
	Times int

	// Status is that of the response. 0 means that of the request's own response, or 200 if there is a
	// Body and the request is not executed.
	Status int
	// Header is set on the response. A name without values removes the header.
	Header http.Header
	// Body is that of the response. If it is empty, a Status of 400 or more has an error of
	// docs/contract.md as its body, and another an empty one.
	Body string
	// Delay is how long the response takes, in real time or that of the bubble of testing/synctest. It
	// ends with the request's context, and then there is no response.
	Delay time.Duration
	// Drop closes the connection without a response.
	Drop bool
	// Truncate closes the connection after that many bytes of the body, though Content-Length
	// promises more. 0 means that the body is complete.
	Truncate int
	// AfterCommit executes the request first: its response is then late, replaced or lost, and its
	// effect is not.
	AfterCommit bool
}

// Fail makes requests go wrong. Faults see a request in the order in which they were set, until one
// acts on it; a request sees none of those after that.
//
//	server.Fail(stackbetest.Fault{Path: "/v1/affiliate/apply", Times: 1, Status: 503})
//	server.Fail(stackbetest.Fault{Path: "/v1/affiliate/apply", Times: 1, Drop: true, AfterCommit: true})
//
// A fault that never fired fails the test when it ends, at the line that set it, unless the test was
// skipped. An invalid one fails the test at once. The fault ends with the test, or when remove is
// called. On a server of [Start], no one is told of a fault that never fired.
func (s *Server) Fail(f Fault) (remove func()) {
	s.t.Helper()
	id, err := s.reference.Faults.Add(fault.Fault{
		Method:      f.Method,
		Path:        f.Path,
		After:       f.After,
		Times:       f.Times,
		Status:      f.Status,
		Header:      f.Header,
		Body:        f.Body,
		Delay:       duration.Text(f.Delay),
		Drop:        f.Drop,
		Truncate:    f.Truncate,
		AfterCommit: f.AfterCommit,
	})
	if err != nil {
		s.t.Fatalf("stackbetest: Fail: %v", err)
	}
	_, file, line, _ := runtime.Caller(1)
	last := sync.OnceValue(func() fault.State {
		state, _ := s.reference.Faults.Remove(id)
		return state
	})
	s.t.Cleanup(func() {
		s.t.Helper()
		if state := last(); state.Fired == 0 && !s.t.Failed() && !s.t.Skipped() {
			s.t.Errorf("stackbetest: the fault set at %s:%d never fired: %s", file, line, seen(state))
		}
	})
	return func() { last() }
}

// seen says why a fault never fired.
func seen(state fault.State) string {
	if state.Matched > 0 {
		return fmt.Sprintf("it let %d matching requests through, and After is %d", state.Matched, state.After)
	}
	which := strings.TrimSpace(state.Method + " request")
	if state.Path != "" {
		which += " to " + state.Path
	}
	return "no " + which + " reached it"
}
