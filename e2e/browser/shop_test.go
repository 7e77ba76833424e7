package browser

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

// A shop is a site behind a referral capture, to which two partners send visitors.
type shop struct {
	*host
	URL       string
	jane, bob partner
	capture   *affiliates.ReferralCapture
	observer  observer
	// speculate is what the first page has the browser do with the offer: "prefetch", "prerender".
	speculate string
	// unattended has scripts do on the pages what a visitor does.
	unattended bool

	mu       sync.Mutex
	requests []string                       // paths
	given    map[string][]string            // values of cookies that the site has set, by visitor
	signedUp map[string]affiliates.Customer // by email
}

func newShop(t testing.TB, options ...affiliates.ReferralOption) *shop {
	t.Helper()
	s := &shop{host: newHost(t), observer: newObserver(t), given: make(map[string][]string), signedUp: make(map[string]affiliates.Customer)}
	s.jane = s.enroll(t, "jane@acme.example", "Jane Smith", "JANE20")
	s.bob = s.enroll(t, "bob@beta.example", "Bob Fischer", "BOB10")
	capture, err := affiliates.NewReferralCapture(s.Client.Affiliates, options...)
	require.NoError(t, err)
	s.capture = capture
	site := httptest.NewServer(s.record(capture.Middleware(s.pages())))
	t.Cleanup(site.Close)
	s.URL = site.URL
	return s
}

// record notes each request, and the cookies of its response.
func (s *shop) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests = append(s.requests, r.URL.Path)
		for _, line := range w.Header().Values("Set-Cookie") {
			cookie, err := http.ParseSetCookie(line)
			if err == nil {
				s.given[r.Header.Get("X-Visitor")] = append(s.given[r.Header.Get("X-Visitor")], cookie.Value)
			}
		}
	})
}

// seen counts the requests of a path.
func (s *shop) seen(path string) (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, requested := range s.requests {
		if requested == path {
			count++
		}
	}
	return count
}

// pages are those of the shop. As far as they say, anybody may store all but the last.
func (s *shop) pages() http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		s.page(w, "Partners", `<a href="/offer?ref=JANE20">Offer</a>`)
		_, _ = fmt.Fprintf(w, `<script type="speculationrules">{%q: [{"urls": ["/offer?ref=JANE20"], "eagerness": "immediate"}]}</script>`, cmp.Or(s.speculate, "prefetch_with_subresources"))
		if s.unattended {
			_, _ = fmt.Fprintf(w, clickWhenTold, s.observer.URL)
		}
	})
	pages.HandleFunc("GET /offer", func(w http.ResponseWriter, _ *http.Request) {
		s.page(w, "Offer", `<img alt="" src="/picture.svg">`+signUpForm)
		if s.unattended {
			_, _ = fmt.Fprintf(w, signUpWhenTold, s.observer.URL)
		}
	})
	pages.HandleFunc("GET /about", func(w http.ResponseWriter, _ *http.Request) { s.page(w, "About", "") })
	pages.HandleFunc("GET /picture.svg", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=600")
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>`)
	})
	pages.HandleFunc("POST /sign-up", s.signUp)
	return pages
}

func (s *shop) page(w http.ResponseWriter, title, body string) {
	w.Header().Set("Cache-Control", "public, max-age=600")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>%s</title><link rel="icon" href="/picture.svg"><main><h1>%[1]s</h1>%s</main>`, title, body)
}

const signUpForm = `<form method="post" action="/sign-up"><label for="email">Email</label>` +
	`<input id="email" name="email" value="visitor@example.com"><button>Sign up</button></form>`

// What a visitor does on the pages, as scripts.
const (
	clickWhenTold  = `<script>fetch("%s/order").then(() => document.querySelector("a").click())</script>`
	signUpWhenTold = `<script>
		const observer = "%s";
		const shown = async () => {
			const activated = performance.getEntriesByType("navigation")[0].activationStart > 0;
			await fetch(observer + "/report?of=" + (activated ? "activated" : "loaded"));
			await fetch(observer + "/order");
			document.querySelector("button").click();
		};
		if (document.prerendering) {
			document.addEventListener("prerenderingchange", shown);
			fetch(observer + "/report?of=prerendered");
		} else {
			shown();
		}
	</script>`
)

// signUp makes the visitor a customer, attributed by what the capture knows.
func (s *shop) signUp(w http.ResponseWriter, r *http.Request) {
	referral := affiliates.ReferralFromRequest(r)
	customer, err := s.Admin.Admin.Customers.Create(r.Context(), affiliates.CreateCustomerParams{
		Email: r.FormValue("email"), ReferralCode: referral.Code, ClickID: referral.ClickID,
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	s.signedUp[customer.Email] = *customer
	s.mu.Unlock()
	s.page(w, "Welcome", "")
	if s.unattended {
		s.observer.reports <- "signed up"
	}
}

// assertAttributed fails the test if the visitor who signed up is not attributed to a partner; to nobody, where it is nil.
func (s *shop) assertAttributed(t testing.TB, to *partner) {
	t.Helper()
	wanted := ""
	if to != nil {
		affiliate, err := to.Affiliates.GetCurrent(t.Context())
		require.NoError(t, err)
		wanted = affiliate.ID
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Contains(t, s.signedUp, "visitor@example.com")
	assert.Equal(t, wanted, s.signedUp["visitor@example.com"].AffiliateID)
}

// assertClicks closes the capture, and fails the test if the clicks of a partner are not as many.
func (s *shop) assertClicks(t testing.TB, of partner, clicks int) {
	t.Helper()
	require.NoError(t, s.capture.Close(t.Context()))
	dashboard, err := of.Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	assert.Equal(t, clicks, dashboard.Stats.Clicks)
}
