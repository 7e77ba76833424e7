package affiliates

import (
	"context"
	"net/http"
	"time"
)

// Referral is what a visitor came with. The zero value means that it came by no referral link.
type Referral struct {
	Code      string    // in upper case
	ClickID   string    // Click.ID; "" until it is known, or if the cookie does not have it
	ClickedAt time.Time // to the second
}

// ReferralFromRequest returns the referral of the visitor: that of the request itself, on a
// page that was opened by a referral link, else that of the cookie. Pass it on with the new
// customer:
//
//	referral := affiliates.ReferralFromRequest(r)
//	params := affiliates.CreateCustomerParams{Email: email, ReferralCode: referral.Code, ClickID: referral.ClickID}
//
// The code is valid in form, but a visitor can put any code into the cookie; an unknown one
// attributes no sign-up. The ClickID comes from the API in the background. It is in the cookie
// from the visitor's second request on, if the same process serves it; the code attributes the
// sign-up without it.
//
// Behind [ReferralCapture.Middleware] it follows the options of that capture. Elsewhere it
// reads the cookie of the default name, and relies on the browser to drop it after its days.
func ReferralFromRequest(r *http.Request) Referral {
	if captured, ok := r.Context().Value(captureKey{}).(*captureContext); ok {
		return captured.capture.referral(r, captured.held)
	}
	return defaultCookieNames.held(r, "", !onLoopback(r.Host) || r.TLS != nil || forwardedHTTPS(r), false).referral()
}

// Forget removes the referral of the visitor, after a sign-up for instance. Call it before the
// response is written. It sets Cache-Control: private, no-store. Where the middleware is not around
// the handler, use [ReferralCapture.Forget] if the cookie has a domain, or a name that is not the default.
//
// Nothing but the cookie remembers a visitor. After Forget a further request with the code, as by the
// back button to the landing page, is another click, and sets the cookie anew.
func Forget(w http.ResponseWriter) {
	settings := defaultCaptureSettings()
	settings.forget(w)
}

// held returns what the request's cookie holds, or the zero value.
func (c *ReferralCapture) held(r *http.Request, now time.Time) attribution {
	s := &c.settings
	held := s.cookies.held(r, s.sharedDomain(r), s.secure(r), s.firstClick)
	if !s.lasts(held, now) {
		return attribution{}
	}
	return held
}

// referral returns what ReferralFromRequest does, for what the cookie holds.
func (c *ReferralCapture) referral(r *http.Request, held attribution) Referral {
	if held.code == "" || !c.settings.consents(r) {
		return Referral{}
	}
	if held.clickID == "" {
		held.clickID = c.clicks.clickID(held)
	}
	return held.referral()
}

// captureContext is the context of a request behind the middleware.
type captureContext struct {
	context.Context
	capture *ReferralCapture
	held    attribution
}

type captureKey struct{}

func (c *captureContext) Value(key any) any {
	if key == (captureKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// withContext returns the request for the handler behind the middleware. A page that sets the
// cookie is served whole: a cache that sent "304 Not Modified" on could keep the headers of
// that response.
func (v *visit) withContext(r *http.Request, ctx *captureContext) *http.Request {
	request := r.WithContext(ctx)
	if v.whole && (r.Header["If-None-Match"] != nil || r.Header["If-Modified-Since"] != nil) {
		request.Header = r.Header.Clone()
		request.Header.Del("If-None-Match")
		request.Header.Del("If-Modified-Since")
	}
	return request
}

// takeBack copies to the server's request what handlers leave in the one that they were given:
// the server removes the files of a multipart form, and middleware before this reads the
// pattern.
func takeBack(r, request *http.Request) {
	r.MultipartForm = request.MultipartForm
	r.Pattern = request.Pattern
}
