// Package fault makes a server's responses go wrong on purpose: late, replaced, broken off, or lost
// with the connection, before or after the request had its effect.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/duration"
)

// A Fault says which requests go wrong, and how. Without Status, Body and Drop, a request is executed
// and gets its own response, changed by Header, Delay and Truncate.
type Fault struct {
	// Method is the method of the requests. Empty means any.
	Method string `json:"method,omitempty"`
	// Path is the path of the requests: exact, or a pattern of [http.ServeMux], without a method and a
	// host. Empty means any.
	Path string `json:"path,omitempty"`
	// After is how many requests are let through first.
	After int `json:"after,omitempty"`
	// Times is how many requests go wrong after those. 0 means all.
	Times int `json:"times,omitempty"`

	// Status is that of the response. 0 means that of the request's own response; 200 with a Body
	// of a request that is not executed.
	Status int `json:"status,omitempty"`
	// Header is set on the response. A name without values removes the header.
	Header http.Header `json:"header,omitempty"`
	// Body is that of the response. If it is empty, a Status of 400 or more has an error of
	// docs/contract.md as its body, and another an empty one.
	Body string `json:"body,omitempty"`
	// Delay is how long the response takes, in real time. It ends with the request's context, and
	// then there is no response.
	Delay duration.Text `json:"delay,omitempty"`
	// Drop closes the connection without a response.
	Drop bool `json:"drop,omitempty"`
	// Truncate closes the connection after that many bytes of the body, though Content-Length
	// promises more. 0 means that the body is complete.
	Truncate int `json:"truncate,omitempty"`
	// AfterCommit executes the request first: its response is then late, replaced or lost, and its
	// effect is not.
	AfterCommit bool `json:"afterCommit,omitempty"`
}

// Check returns an error that says what is invalid.
func (f Fault) Check() error {
	if err := f.checkRequests(); err != nil {
		return err
	}
	switch {
	case f.Status == 0 && len(f.Header) == 0 && f.Body == "" && f.Delay == 0 && !f.Drop && f.Truncate == 0:
		return errors.New("nothing goes wrong: a status, header, body, delay, drop or truncate is missing")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status: %d is not from 200 to 599", f.Status)
	case f.Delay < 0:
		return fmt.Errorf("delay: %v is negative", time.Duration(f.Delay))
	case f.Truncate < 0:
		return fmt.Errorf("truncate: %d is negative", f.Truncate)
	case f.Drop && (f.Status != 0 || len(f.Header) > 0 || f.Body != "" || f.Truncate != 0):
		return errors.New("drop: there is no response, so status, header, body and truncate have no effect")
	case bodiless(f.Status) && (f.Body != "" || f.Truncate != 0):
		return fmt.Errorf("status: a response with %d has no body, so body and truncate have no effect", f.Status)
	}
	return checkHeader(f.Header)
}

func (f Fault) checkRequests() error {
	switch {
	case f.Method != "" && !isToken(f.Method):
		return fmt.Errorf("method: %q is not a method", f.Method)
	case f.Method != strings.ToUpper(f.Method):
		return fmt.Errorf("method: %q matches no request; methods are in upper case", f.Method)
	case f.After < 0:
		return fmt.Errorf("after: %d is negative", f.After)
	case f.Times < 0:
		return fmt.Errorf("times: %d is negative; 0 means all", f.Times)
	}
	_, err := newMatcher(f.Path)
	return err
}

func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

func checkHeader(header http.Header) error {
	for name, values := range header {
		if !isToken(name) {
			return fmt.Errorf("header: %q is not a name", name)
		}
		switch http.CanonicalHeaderKey(name) {
		case "Content-Length", "Transfer-Encoding":
			return fmt.Errorf("header: %s follows from the body; use truncate to promise more than is sent", name)
		}
		for _, value := range values {
			if strings.ContainsAny(value, "\r\n\x00") {
				return fmt.Errorf("header: a value of %s has a line break or a NUL", name)
			}
		}
	}
	return nil
}

// isToken reports whether a text is a token of RFC 9110.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// matches reports whether a request is one of the fault's, by method and path.
func (a *armed) matches(r *http.Request) bool {
	return (a.Method == "" || a.Method == r.Method) && a.path.matches(r)
}

// A matcher matches paths; the zero value matches any.
type matcher struct{ pattern *http.ServeMux }

func newMatcher(path string) (made matcher, err error) {
	switch {
	case path == "":
		return matcher{}, nil
	case path[0] != '/':
		return matcher{}, fmt.Errorf("path: %q does not begin with a slash", path)
	case strings.Contains(path, "?"):
		return matcher{}, fmt.Errorf("path: %q has a query, which faults do not match", path)
	case strings.Contains(path, "/:"):
		return matcher{}, fmt.Errorf("path: %q: write {name} for any segment, and not :name", path)
	}
	defer func() {
		if recover() != nil { // http.ServeMux tells of an invalid pattern by a panic
			made, err = matcher{}, fmt.Errorf("path: %q is not a pattern of http.ServeMux", path)
		}
	}()
	made = matcher{http.NewServeMux()}
	made.pattern.Handle(path, match{})
	return made, nil
}

func (m matcher) matches(r *http.Request) bool {
	if m.pattern == nil {
		return true
	}
	found, _ := m.pattern.Handler(&http.Request{Method: http.MethodGet, URL: r.URL, Host: r.Host})
	_, matches := found.(match) // and not a redirect to the pattern from a path without a slash, or one that is not clean
	return matches
}

// match is the handler of a matcher's pattern.
type match struct{ http.Handler }
