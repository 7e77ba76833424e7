package browser

import (
	"net/http"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/preload"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

func TestPrefetchedOfferIsOneClickAndAttributesSignUp(t *testing.T) {
	s := newShop(t)
	s.speculate = "prefetch"
	visitor := newTab(t, look{})
	visitor.prefetch(s.URL)
	assert.Equal(t, "Offer", visitor.follow(control("Offer")).Heading)
	assert.Equal(t, "navigational-prefetch", get(visitor, chromedp.Evaluate[string](`performance.getEntriesByType("navigation")[0].deliveryType`)))
	assert.Equal(t, 1, s.seen("/offer"), "the page is shown without a second request")
	assert.Equal(t, "Welcome", visitor.follow(control("Sign up")).Heading)
	s.assertAttributed(t, &s.jane)
	s.assertClicks(t, s.jane, 1)
}

func TestPrefetchedOfferThatNobodyOpensIsNoClick(t *testing.T) {
	s := newShop(t)
	s.speculate = "prefetch"
	visitor := newTab(t, look{})
	visitor.prefetch(s.URL)
	s.assertClicks(t, s.jane, 0)
}

func TestPrerenderedOfferIsOneClickAndAttributesSignUp(t *testing.T) {
	s := newShop(t)
	s.speculate, s.unattended = "prerender", true
	openUnattended(t, s.URL)
	s.observer.await("prerendered")
	s.observer.order() // click
	s.observer.await("activated")
	assert.Equal(t, 1, s.seen("/offer"), "the page is shown without a second request")
	s.observer.order() // sign up
	s.observer.await("signed up")
	s.assertAttributed(t, &s.jane)
	s.assertClicks(t, s.jane, 1)
}

func TestPrerenderedOfferThatNobodyOpensIsNoClick(t *testing.T) {
	s := newShop(t)
	s.speculate, s.unattended = "prerender", true
	openUnattended(t, s.URL)
	s.observer.await("prerendered")
	s.assertClicks(t, s.jane, 0)
}

func TestOfferOpenedThreeTimesIsOneClick(t *testing.T) {
	s := newShop(t)
	visitor := newTab(t, look{})
	for range 3 {
		visitor.open(s.URL + "/offer?ref=JANE20")
	}
	visitor.do(chromedp.Reload())
	visitor.open(s.URL + "/about")
	visitor.do(chromedp.NavigateBack())
	assert.Equal(t, 5, s.seen("/offer"), "each of these requests the page")
	visitor.follow(control("Sign up"))
	s.assertAttributed(t, &s.jane)
	s.assertClicks(t, s.jane, 1)
}

func TestLastClickWinsUnlessFirstClickIsChosen(t *testing.T) {
	for name, test := range map[string]struct {
		options []affiliates.ReferralOption
		winner  func(*shop) *partner
	}{
		"last click":  {winner: func(s *shop) *partner { return &s.bob }},
		"first click": {options: []affiliates.ReferralOption{affiliates.WithFirstClick()}, winner: func(s *shop) *partner { return &s.jane }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, test.options...)
			visitor := newTab(t, look{})
			visitor.open(s.URL + "/offer?ref=JANE20")
			visitor.open(s.URL + "/offer?ref=BOB10")
			visitor.follow(control("Sign up"))
			s.assertAttributed(t, test.winner(s))
		})
	}
}

func TestNothingIsStoredWithoutConsent(t *testing.T) {
	const consent = "consent"
	s := newShop(t, affiliates.WithConsent(func(r *http.Request) bool {
		_, err := r.Cookie(consent)
		return err == nil
	}))
	refused, agreed := newTab(t, look{}), newTab(t, look{})
	for _, visitor := range []*tab{refused, agreed} {
		visitor.open(s.URL + "/about")
		if visitor == agreed {
			visitor.do(chromedp.Evaluate[chromedp.Void](`document.cookie = "consent=yes"`))
		}
		visitor.open(s.URL + "/offer?ref=JANE20")
	}
	assert.Empty(t, refused.cookies())
	assert.Equal(t, "0 0", get(refused, chromedp.Evaluate[string](`localStorage.length + " " + sessionStorage.length`)))
	assert.NotEmpty(t, slices.DeleteFunc(agreed.cookies(), func(c *network.Cookie) bool { return c.Name == consent }))
	refused.follow(control("Sign up"))
	s.assertAttributed(t, nil)
	s.assertClicks(t, s.jane, 1) // of the visitor who agreed
}

func TestReferralCookieIsHiddenFromScriptsAndOtherSites(t *testing.T) {
	s := newShop(t)
	visitor := newTab(t, look{})
	visitor.open(s.URL + "/offer?ref=JANE20")
	assert.Empty(t, get(visitor, chromedp.Evaluate[string](`document.cookie`)))
	cookies := visitor.cookies()
	require.NotEmpty(t, cookies)
	for _, cookie := range cookies {
		assert.True(t, cookie.HTTPOnly, cookie.Name)
		assert.Equal(t, network.CookieSameSiteLax, cookie.SameSite, cookie.Name)
		assert.Equal(t, "127.0.0.1", cookie.Domain, cookie.Name)
	}
}

// prefetch opens a page, and waits until Chromium has fetched what its speculation rules name.
func (v *tab) prefetch(address string) {
	v.t.Helper()
	v.do(command(preload.Enable, cdp.Empty{}))
	fetched := func(event preload.EventPrefetchStatusUpdated) bool { return event.Status == preload.IngStatusReady }
	get(v, chromedp.WaitEvent(preload.PrefetchStatusUpdated, fetched, chromedp.Navigate(address)))
}
