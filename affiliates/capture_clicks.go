package affiliates

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// ErrClicksDropped is the error of a [ReferralReport] about clicks that were not sent, because
// the queue was full or too many codes were unknown.
var ErrClicksDropped = errors.New("affiliates: referral clicks were dropped: the queue is full, or too many codes are unknown")

const (
	maxClicks    = 8192 // that are remembered
	maxAttempts  = 3    // calls for one click, beyond the client's own retries
	closingGrace = time.Second
)

// clickTracker tracks clicks in the background. It owns the workers.
type clickTracker struct {
	service *Service
	now     func() time.Time
	timeout time.Duration
	report  func(ReferralReport)

	ctx     context.Context // of the calls
	cancel  context.CancelFunc
	running atomic.Int32  // workers
	ended   chan struct{} // closed by the last worker
	dropped chan struct{} // has room for one: clicks to report
	queue   chan *click

	mu       sync.Mutex
	closed   bool
	clicks   map[string]*click // by id
	order    [maxClicks]string // their ids, a ring: the next one is overwritten
	next     int
	codes    knownCodes
	stats    ReferralStats
	reported int64 // of stats.Dropped
	left     int   // clicks that close has dropped
}

// click is one click of a visitor, remembered until its cookie has learned what became of it.
type click struct {
	id       string
	code     string
	url      string // until it is tracked
	at       int64  // when it was queued, or its page fetched early, in Unix seconds
	state    clickState
	attempts int
	clickID  string
}

type clickState int

const (
	clickWaits   clickState = iota // for the visitor's next request
	clickQueued                    // or its call is in flight
	clickTracked                   // accepted by the API
	clickUnknown                   // its code is
	clickFailed
)

func startClickTracker(service *Service, s *captureSettings) *clickTracker {
	t := &clickTracker{
		service: service,
		now:     s.now,
		timeout: s.timeout,
		report:  s.report,
		ended:   make(chan struct{}),
		dropped: make(chan struct{}, 1),
		queue:   make(chan *click, s.queue),
		clicks:  map[string]*click{},
		codes:   newKnownCodes(),
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.running.Store(int32(s.workers))
	for range s.workers {
		go t.work()
	}
	return t
}

// begin remembers a new click, and queues it unless its page is fetched early. It returns what
// the cookie is to hold.
func (t *clickTracker) begin(code, url string, before attribution, early bool, now time.Time) attribution {
	c := &click{id: rand.Text(), code: strings.Clone(code), url: url, at: now.Unix()}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remember(c)
	return attribution{code: c.code, at: c.at, id: c.id, queued: !early && t.enqueue(c, now), replaced: before.asReplaced()}
}

// remember makes room by forgetting the oldest click. Its visitor's cookie still has the code.
func (t *clickTracker) remember(c *click) {
	delete(t.clicks, t.order[t.next])
	t.order[t.next] = c.id
	t.next = (t.next + 1) % maxClicks
	t.clicks[c.id] = c
}

// enqueue reports whether it queued the click.
func (t *clickTracker) enqueue(c *click, now time.Time) bool {
	if !t.closed && t.codes.mayAsk(c.code, now) {
		select {
		case t.queue <- c:
			c.state = clickQueued
			t.stats.Waiting++
			return true
		default:
		}
	}
	t.drop(1)
	return false
}

func (t *clickTracker) drop(clicks int64) {
	t.stats.Dropped += clicks
	select {
	case t.dropped <- struct{}{}:
	default:
	}
}

// of returns the click that a cookie is about, if it is remembered.
func (t *clickTracker) of(a attribution) *click {
	if c := t.clicks[a.id]; c != nil && c.code == a.code {
		return c
	}
	return nil
}

// hasNews reports whether settle would change something.
func (t *clickTracker) hasNews(held attribution, now time.Time) bool {
	if held.code == "" || held.clickID != "" {
		return false
	}
	if !held.queued {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.of(held)
	return c != nil && (c.clickID != "" || c.mayTryAgain() || t.leadsNowhere(c, now))
}

func (c *click) mayTryAgain() bool { return c.state == clickFailed && c.attempts < maxAttempts }

// leadsNowhere reports whether a click's code is unknown for certain.
func (t *clickTracker) leadsNowhere(c *click, now time.Time) bool {
	return c.state == clickUnknown && t.codes.certain || c.state == clickWaits && t.codes.hopeless(c.code, now)
}

// settle queues a click that waits for the visitor's next request, which this is, and returns
// what the cookie is to hold now: the id of the click, once it is known, and what the cookie
// held before if the code is unknown.
func (t *clickTracker) settle(held attribution, now time.Time) attribution {
	if held.code == "" || held.clickID != "" {
		return held
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.of(held)
	if c == nil {
		if held.queued {
			return held
		}
		// Begun by another process. The copies keep the request's header from staying in memory.
		c = &click{id: strings.Clone(held.id), code: strings.Clone(held.code), at: held.at}
		t.remember(c)
	}
	if t.leadsNowhere(c, now) {
		return held.before()
	}
	switch {
	case c.state == clickWaits && held.queued: // by another process
		return held
	case c.state == clickWaits:
		if !t.enqueue(c, now) {
			return held
		}
		c.at = now.Unix()
	case c.mayTryAgain():
		t.enqueue(c, now)
	}
	held.queued, held.at, held.clickID = true, c.at, c.clickID
	return held
}

// clickID returns the API's id of the click that a cookie is about, if it is known.
func (t *clickTracker) clickID(held attribution) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.of(held); c != nil {
		return c.clickID
	}
	return ""
}

// refuses reports whether a code is unknown for certain.
func (t *clickTracker) refuses(code string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.codes.hopeless(code, now)
}

// work tracks clicks until the queue is closed and empty.
func (t *clickTracker) work() {
	done := false
	defer func() {
		switch {
		case !done: // the goroutine ends with runtime.Goexit
			go t.work()
		case t.running.Add(-1) == 0:
			close(t.ended)
		}
	}()
	for {
		select {
		case c, open := <-t.queue:
			if !open {
				t.reportDropped()
				done = true
				return
			}
			t.track(c)
		case <-t.dropped:
		}
		t.reportDropped()
	}
}

func (t *clickTracker) reportDropped() {
	t.mu.Lock()
	clicks := t.stats.Dropped - t.reported
	t.reported = t.stats.Dropped
	t.mu.Unlock()
	if clicks > 0 {
		t.tell(ReferralReport{Clicks: int(clicks), Err: ErrClicksDropped})
	}
}

// tell calls the function of WithReport.
func (t *clickTracker) tell(r ReferralReport) {
	defer func() {
		if value := recover(); value != nil {
			_ = t.service.transport.Recovered("affiliates: the function of WithReport", value)
		}
	}()
	t.report(r)
}

// outcome is what became of the call for a click.
type outcome struct {
	unwanted bool // no call was made
	tracked  *Click
	status   int
	err      error
	at       time.Time // when the call returned
}

// errExited is the error of a call that ended its goroutine.
var errExited = errors.New("affiliates: the call for a referral click ended its goroutine with runtime.Goexit; a test's FailNow calls it")

// track makes the call for a click. What it calls of the caller's, such as the RoundTripper, may
// not return.
func (t *clickTracker) track(c *click) {
	o := outcome{err: errExited}
	defer func() {
		if t.record(c, o) {
			t.tell(ReferralReport{Clicks: 1, Code: c.code, Err: o.err})
		}
	}()
	o = t.call(c)
}

func (t *clickTracker) call(c *click) (o outcome) {
	o.err = errExited
	defer func() {
		if value := recover(); value != nil {
			o = outcome{err: t.service.transport.Recovered("affiliates: the call for a referral click", value)}
		}
	}()
	if !t.wanted(c, t.now()) {
		return outcome{unwanted: true}
	}
	ctx, cancel := context.WithTimeout(t.ctx, t.timeout)
	defer cancel()
	status := 0
	ctx = transport.WithOptions(ctx, func(o *transport.Options) {
		o.Capture = func(response transport.Captured) { status = response.StatusCode }
	})
	tracked, err := t.service.TrackReferral(ctx, TrackParams{Code: c.code, URL: c.url, IdempotencyKey: c.id})
	return outcome{tracked: tracked, status: status, err: err, at: t.now()}
}

// wanted reports whether a click is still to be tracked when its turn has come.
func (t *clickTracker) wanted(c *click, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.codes.missing(c.code, now): // since it was queued
		c.state = clickUnknown
		t.stats.Unknown++
	case t.ctx.Err() != nil:
		c.state = clickFailed
		t.left++
		t.drop(1)
	case !t.codes.mayAsk(c.code, now):
		c.state = clickFailed
		t.drop(1)
	default:
		c.attempts++
		return true
	}
	t.stats.Waiting--
	return false
}

// record notes what became of a click, and reports whether the call failed.
func (t *clickTracker) record(c *click, o outcome) (failed bool) {
	if o.unwanted {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Waiting--
	switch {
	case o.err == nil, 200 <= o.status && o.status <= 299: // StackBE documents no response: its body may be any
		t.codes.accept(c.code)
		t.stats.Tracked++
		c.state, c.url = clickTracked, ""
		if o.err == nil && validClickID(o.tracked.ID) {
			c.clickID = o.tracked.ID
		}
	case o.status == http.StatusConflict: // another process tracked the click, with another URL
		t.stats.Tracked++
		c.state, c.url = clickTracked, ""
	case o.status == http.StatusNotFound:
		t.codes.refuse(c.code, true, o.at)
		t.stats.Unknown++
		c.state = clickUnknown
	case t.ctx.Err() != nil:
		c.state = clickFailed
		t.left++
		t.drop(1)
	default:
		if o.status == http.StatusBadRequest || o.status == http.StatusUnprocessableEntity {
			t.codes.refuse(c.code, false, o.at) // StackBE has sent 400 for what is missing
		}
		t.stats.Failed++
		c.state = clickFailed
		return true
	}
	return false
}

func (t *clickTracker) snapshot() ReferralStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stats
}

// close is ReferralCapture.Close.
func (t *clickTracker) close(ctx context.Context) error {
	t.mu.Lock()
	if !t.closed {
		t.closed = true
		close(t.queue)
	}
	t.mu.Unlock()
	defer t.cancel()
	select {
	case <-t.ended:
		return nil
	case <-ctx.Done():
	}
	t.cancel()
	select {
	case <-t.ended:
	case <-time.After(closingGrace): // a transport that ignores its context
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if clicks := t.left + t.stats.Waiting; clicks > 0 {
		return fmt.Errorf("affiliates: %d referral clicks were not tracked: %w", clicks, context.Cause(ctx))
	}
	return nil
}
