package requests

import (
	"net/http"
	"slices"
	"strings"
)

// Attribute records which app the credential or the session of a request is for. w is the response
// writer of the request, which may wrap the recorder.
func Attribute(w http.ResponseWriter, appID string) {
	for appID != "" {
		switch writer := w.(type) {
		case *Recorder:
			writer.kept.appID = appID
			return
		case interface{ Unwrap() http.ResponseWriter }:
			w = writer.Unwrap()
		default:
			return
		}
	}
}

// A Filter says which requests are shown to the administrator of an app.
type Filter struct {
	AppID string
	// Unattributed adds the requests that no app's credential or session came with.
	Unattributed bool
	// Without leaves out the requests whose path begins with one of these segments.
	Without []string
}

func (f Filter) has(one *kept) bool {
	if one.appID != f.AppID && (one.appID != "" || !f.Unattributed) {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(one.request.Path, "/"), "/")
	return !slices.Contains(f.Without, first)
}

// Page returns the newest requests of a filter, newest first, without their headers and bodies, which are
// long to redact: at most n of those with a sequence number below before, or of all if before is 0. next
// is before for the page of older ones; 0 if there are none.
func (l *Log) Page(filter Filter, n, before int) (page []Request, next int) {
	found, next := l.newestOf(filter, n, before)
	secrets := l.config.Secrets()
	for _, one := range found {
		page = append(page, l.summary(one, l.cleaner(one, secrets)))
	}
	return page, next
}

func (l *Log) newestOf(filter Filter, n, before int) (found []*kept, next int) {
	l.mu.Lock()
	defer l.mu.Unlock()

	newest := l.last
	if before > 0 {
		newest = min(before-1, newest)
	}
	for sequence := newest; sequence > l.last-l.count; sequence-- {
		one := l.ring[sequence%MaxRequests]
		if !filter.has(one) {
			continue
		}
		if len(found) == n {
			return found, sequence + 1
		}
		found = append(found, one)
	}
	return found, 0
}

// Find returns a copy of the request of a filter with the sequence number; ok is false if it is not
// kept, or the filter does not have it.
func (l *Log) Find(filter Filter, sequence int) (found Request, ok bool) {
	one := l.kept(sequence)
	if one == nil || !filter.has(one) {
		return Request{}, false
	}
	return l.copy(one, l.config.Secrets()), true
}

// kept is the request with the sequence number; nil if it is not kept.
func (l *Log) kept(sequence int) *kept {
	l.mu.Lock()
	defer l.mu.Unlock()

	if sequence <= l.last-l.count || sequence > l.last {
		return nil
	}
	return l.ring[sequence%MaxRequests]
}
