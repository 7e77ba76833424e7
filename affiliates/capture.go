package affiliates

import (
	"context"
	"net/http"
	"time"
)

// ReferralCapture is middleware for a website: it keeps the code of a referral link in a
// cookie until the visitor signs up, and tracks the click in the background. A link is any
// page of the site with the parameter ref, such as https://yoursite.com/pricing?ref=JANE20.
// Make one with [NewReferralCapture] and share it; it is safe for concurrent use.
//
//	capture, err := affiliates.NewReferralCapture(client.Affiliates)
//	if err != nil {
//		return err
//	}
//	defer capture.Close(ctx)
//	server := &http.Server{Handler: capture.Middleware(site)}
//
// At the sign-up or the checkout, [ReferralFromRequest] returns the code, and the click once
// it is known. docs/referral-links.md describes caches, proxies, consent and several replicas.
//
// # What is captured
//
// A GET request with a valid code sets the cookie and tracks one click. A repeated request by
// the same visitor is the same click for 24 hours (see [WithClickWindow]), so reloads and the
// back button count once. The link of another partner replaces the code, unless
// [WithFirstClick] is given. The cookie keeps the last 3 codes that were replaced. Within those 24
// hours, a further request with one of them, as by the back button, neither counts nor changes the
// attribution. If the click of the code that replaced it still waits, such a request restores what the
// cookie held before.
//
// A page that a browser prefetches or prerenders sets the cookie. Its click is tracked at the
// next request that the visitor makes, since the page can be shown without one. The same holds
// for a click that was dropped. HEAD requests, and requests for parts of a page such as images
// and frames, set no cookie and track nothing.
//
// # What is kept in memory
//
// Everything is bounded: the queue of clicks, the clicks that the visitors' cookies do not
// have yet, and what the API has said about codes. A code that it does not know is not sent
// again for 5 minutes. After 60 such codes within a minute, only codes that the API has
// accepted are sent. The others are in the cookie nevertheless, and their clicks are tracked
// later.
//
// # Panics
//
// Clicks are tracked on goroutines of the capture. A panic there, in a RoundTripper or in
// stackbe.Config.Observe for instance, does not end the program: the click has failed, and
// stackbe.Config.Logger receives the panic with its stack. It also receives a panic of the function of
// [WithReport].
type ReferralCapture struct {
	settings captureSettings
	clicks   *clickTracker
}

// NewReferralCapture returns a ReferralCapture that tracks clicks with the service, which
// needs an API key, and starts its workers. Call [ReferralCapture.Close] to end them. An
// invalid option returns a stackbe.ArgumentError; a service without an API key,
// stackbe.ErrNoAPIKey. Nothing is started then.
func NewReferralCapture(service *Service, options ...ReferralOption) (*ReferralCapture, error) {
	settings := defaultCaptureSettings()
	problems := make([]argument, 0, len(options))
	for _, option := range options {
		if option == nil {
			problems = append(problems, argument{"ReferralOption", "is nil"})
			continue
		}
		problems = append(problems, option(&settings))
	}
	if err := service.check(problems...); err != nil {
		return nil, err
	}
	if err := service.transport.CheckCredential(transportAPIKey); err != nil {
		return nil, err
	}
	return &ReferralCapture{settings: settings, clicks: startClickTracker(service, &settings)}, nil
}

// Middleware returns a handler that captures referrals and calls next. Its type is
// func(http.Handler) http.Handler, which routers and middleware chains take.
//
// It passes on the ResponseWriter of the server as it is, unless the response changes the
// cookie or the request has a referral code. Such a response has Cache-Control: private,
// no-store, whatever next sets, so that no cache hands the cookie to another visitor or hides
// a click. Its ResponseWriter has the methods Flush, Hijack, ReadFrom and Push if the server's
// has them, and works with [http.ResponseController]. So has that of a visitor whose cookie has a
// domain, or a name that is not the default, for [Forget].
func (c *ReferralCapture) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, next) })
}

// ReferralFromRequest is the function [ReferralFromRequest] with the options of c. It is for
// handlers that the middleware does not wrap, if the cookie's name is not the default.
func (c *ReferralCapture) ReferralFromRequest(r *http.Request) Referral {
	return c.referral(r, c.held(r, c.settings.now()))
}

// Forget is the function [Forget] with the options of c. It is for handlers that the middleware
// does not wrap, if the cookie has a domain, or a name that is not the default.
func (c *ReferralCapture) Forget(w http.ResponseWriter) { c.settings.forget(w) }

// Close ends the workers once they have tracked the clicks in the queue. If ctx ends first,
// calls in flight are canceled, the clicks that are left are dropped, and Close returns an
// error that wraps the context's. After Close the middleware serves pages, and sets cookies
// whose clicks another process can track at the visitor's next request. Close may be called
// more than once.
func (c *ReferralCapture) Close(ctx context.Context) error { return c.clicks.close(ctx) }

// Stats returns what has become of the clicks so far.
func (c *ReferralCapture) Stats() ReferralStats { return c.clicks.snapshot() }

// ReferralStats counts clicks. A click that is dropped or fails is counted again when the
// visitor's next request queues it once more.
type ReferralStats struct {
	Waiting int   // in the queue, or with a call in flight
	Tracked int64 // accepted by the API: with a 2xx, whatever its body, or a 409, since another process was first
	Unknown int64 // with a code that the API does not know
	Failed  int64 // whose call returned another error, or panicked
	Dropped int64 // not sent: the queue was full, too many codes were unknown, or the capture is closed
}

// ReferralReport is about clicks that were not tracked; see [WithReport].
type ReferralReport struct {
	Clicks int    // how many, at least 1
	Code   string // "" if Err is ErrClicksDropped
	Err    error  // ErrClicksDropped, or the error of the call, such as its panic
}

// serve is the middleware. Most requests have neither a code nor the cookie, and are passed on
// as they are.
func (c *ReferralCapture) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	code := ""
	if r.Method == http.MethodGet && r.URL.RawQuery != "" {
		code = c.settings.linkedCode(r.URL.RawQuery)
	}
	if code == "" && !c.settings.custom && !mentions(r.Header["Cookie"], c.settings.cookies.base) {
		next.ServeHTTP(w, r)
		return
	}
	if captured, ok := r.Context().Value(captureKey{}).(*captureContext); ok && captured.capture == c {
		next.ServeHTTP(w, r) // c is around this handler twice
		return
	}
	v := c.visit(r, code)
	if v.location != "" {
		redirectPrivately(w, v)
		return
	}
	behind := &struct { // one allocation
		context captureContext
		writer  captureWriter
	}{context: captureContext{Context: r.Context(), capture: c, held: v.held}}
	request := v.withContext(r, &behind.context)
	defer takeBack(r, request) // also if next panics, since other middleware may recover
	hides := v.held.code != "" && c.settings.hidesCookie()
	if !v.private && !hides {
		next.ServeHTTP(w, request)
		return
	}
	writer := &behind.writer
	*writer = captureWriter{ResponseWriter: w, cookie: v.cookie, private: v.private}
	if hides {
		writer.hidden = &c.settings
	}
	defer writer.complete()
	next.ServeHTTP(writer.withOptionalMethods(), request)
}

// visit is one request, and what it leads to.
type visit struct {
	held     attribution // the cookie's, once the response has arrived
	cookie   string      // the Set-Cookie of the response, if any
	private  bool        // no cache may keep the response
	location string      // where the clean address is, if the visitor is redirected there
	whole    bool        // the page is served even if the visitor has it
}

// visit decides what becomes of a request, and queues its click.
func (c *ReferralCapture) visit(r *http.Request, code string) visit {
	now := c.settings.now()
	v := visit{held: c.held(r, now), private: code != ""}
	if code == "" && !c.clicks.hasNews(v.held, now) {
		return v
	}
	if r.Method == http.MethodHead || r.Method == http.MethodOptions || embedded(r) || !c.settings.consents(r) || c.settings.bot(r) {
		return v
	}
	before := v.held
	early := prefetched(r)
	if !early {
		v.held = c.clicks.settle(v.held, now)
		if !c.settings.lasts(v.held, now) {
			v.held = attribution{}
		}
	}
	if code != "" {
		v.held = c.click(r, before, v.held, code, early, now)
		v.location = c.settings.cleanLocation(r)
	}
	if v.held != before {
		v.cookie = c.settings.setCookie(r, v.held, now)
		v.private = true
		v.whole = r.Method == http.MethodGet
	}
	return v
}

// click returns what the cookie is to hold after a request with a code, and queues the click
// unless the page is fetched early. The cookie held before until the request settled what was
// waiting.
func (c *ReferralCapture) click(r *http.Request, before, held attribution, code string, early bool, now time.Time) attribution {
	s := &c.settings
	switch {
	case before.code == code && !before.queued: // this request is the one that it has waited for
		return held
	case held.code == code && now.Sub(held.clickedAt()) < s.window:
		return held
	case held.code != code && held.code != "" && s.firstClick, c.clicks.refuses(code, now):
		return held
	case held.hasReplaced(code, s.window, now): // a reload, or the back button
		if held.queued && (before.queued || held.id != before.id) {
			return held
		}
		// The page whose click waited may never have been shown.
		if earlier, ok := s.beforeWaiting(held, now); ok {
			return earlier
		}
	}
	return c.clicks.begin(code, s.pageURL(r), held, early, now)
}
