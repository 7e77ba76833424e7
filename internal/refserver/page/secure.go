package page

import (
	"net/http"
)

// policy allows a page its own style sheet, script, pictures and forms, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets the headers of every response to a browser. No page is stored, framed, or named to
// another site: the layout has a referrer policy that reveals at most the origin.
func secure(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
}

// Guard serves pages: it sets the headers of all of them, and refuses a write that another site
// sends through the browser of a reader. publicURL is the origin under which readers reach the
// server, and may be empty; behind a proxy that changes the Host header, it is needed for browsers
// that do not send Sec-Fetch-Site.
func (f *Frame) Guard(publicURL string, pages http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if publicURL != "" {
		if err := protection.AddTrustedOrigin(browserOrigin(publicURL)); err != nil {
			panic(err) // refserver has checked it
		}
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		f.Problem(w, http.StatusForbidden, Problem{
			Title: "This form was sent from another site",
			Text:  "Nothing was changed. Open the page here, and send its form again.",
		})
	}))
	guarded := protection.Handler(pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		guarded.ServeHTTP(w, r)
	})
}
