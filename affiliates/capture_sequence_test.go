package affiliates_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

// TestClicksAndAttributionOfASequence has the requests of one visitor, who then signs up. A code
// is its link; "full" and "free" are of the queue.
func TestClicksAndAttributionOfASequence(t *testing.T) {
	options := map[string]affiliates.ReferralOption{
		"last click":             affiliates.WithQueue(1), // as in all
		"first click":            affiliates.WithFirstClick(),
		"a clean address":        affiliates.WithCleanAddress(),
		"a window of an hour":    affiliates.WithClickWindow(time.Hour),
		"a window of 1000 hours": affiliates.WithClickWindow(1000 * time.Hour),
	}
	for _, test := range []struct {
		requests string
		clicks   string // the calls, in order
		holds    string // the code at the sign-up
		with     string // an option; "" for last click
	}{
		{requests: "JANE, JOHN", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, JOHN, JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, JOHN, prefetch JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, JOHN, prefetch JANE, JANE", clicks: "JANE JOHN", holds: "JOHN"},

		// A page that is prefetched can be shown without a request, so its click counts.
		{requests: "prefetch JANE", clicks: "JANE", holds: "JANE"},
		{requests: "prefetch JANE, prefetch JOHN", clicks: "JOHN", holds: "JOHN"},
		{requests: "prefetch JANE, prefetch JOHN, JANE", clicks: "JOHN JANE", holds: "JANE"},
		{requests: "prefetch JANE, JOHN", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "prefetch JANE, JOHN, JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, prefetch JOHN", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, prefetch JOHN, /, JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, prefetch JOHN, JOHN, JANE", clicks: "JANE JOHN", holds: "JOHN"},

		// The back button while a click waits: the page before it holds the attribution again.
		{requests: "JANE, prefetch JOHN, JANE", clicks: "JANE JOHN", holds: "JANE"},
		{requests: "JANE, prerender JOHN, JANE", clicks: "JANE JOHN", holds: "JANE"},
		{requests: "JANE, prefetch JOHN, JANE, JANE", clicks: "JANE JOHN", holds: "JANE"},
		{requests: "JANE, prefetch JOHN, JANE, JOHN", clicks: "JANE JOHN", holds: "JANE"},
		{requests: "JANE, prefetch JOHN, JANE, JANE30, JOHN, JANE", clicks: "JANE JOHN JANE30", holds: "JANE30"},
		{requests: "JANE, prefetch JOHN, prefetch JANE", clicks: "JANE", holds: "JANE"},
		{requests: "JANE, prefetch JOHN, prefetch JANE, JANE", clicks: "JANE", holds: "JANE"},
		{requests: "JANE, prefetch JOHN, prefetch JANE, JOHN", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, prefetch JOHN, prefetch JANE30, JANE", clicks: "JANE JANE30", holds: "JANE"},
		{requests: "JANE, JOHN, prefetch JANE30, JANE", clicks: "JANE JOHN JANE30", holds: "JOHN"},
		{requests: "JANE, JOHN, prefetch JANE30, JOHN", clicks: "JANE JOHN JANE30", holds: "JOHN"},
		{requests: "JANE, JOHN, JANE30, prefetch JOHN30, JANE, JOHN30", clicks: "JANE JOHN JANE30 JOHN30", holds: "JANE30"},
		{requests: "JANE, prefetch JOHN, HEAD JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, prefetch JOHN, image JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, prefetch JOHN, bot JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, prefetch JOHN, JANE", clicks: "JANE JOHN", holds: "JANE", with: "a clean address"},

		// Its click is another one after the window, and after the days of the cookie.
		{requests: "JANE, prefetch JOHN, 23h, JANE", clicks: "JANE JOHN", holds: "JANE"},
		{requests: "JANE, prefetch JOHN, 24h, JANE", clicks: "JANE JOHN JANE", holds: "JANE"},
		{requests: "JANE, 23h, prefetch JOHN, 1h, JANE", clicks: "JANE JOHN JANE", holds: "JANE"},
		{requests: "JANE, prefetch JOHN, 59m, JANE", clicks: "JANE JOHN", holds: "JANE", with: "a window of an hour"},
		{requests: "JANE, prefetch JOHN, 1h, JANE", clicks: "JANE JOHN JANE", holds: "JANE", with: "a window of an hour"},
		{requests: "JANE, 719h, prefetch JOHN, 1h, JANE", clicks: "JANE JOHN JANE", holds: "JANE", with: "a window of 1000 hours"},

		// A click that was dropped waits like that of a page that was prefetched.
		{requests: "full, JANE, free", clicks: "JANE", holds: "JANE"},
		{requests: "full, JANE, free, JANE, JANE", clicks: "JANE", holds: "JANE"},
		{requests: "full, JANE, free, JOHN, JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, full, JOHN, free", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, full, JOHN, free, JANE", clicks: "JANE JOHN", holds: "JANE"},
		{requests: "JANE, full, JOHN, free, JANE, JANE", clicks: "JANE JOHN", holds: "JANE"},
		{requests: "JANE, full, JOHN, free, /, JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, full, JOHN, JANE, free", clicks: "JANE", holds: "JANE"},
		{requests: "JANE, full, JOHN, JANE, free, JOHN", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "full, JANE, JOHN, free, JANE", clicks: "JOHN JANE", holds: "JANE"},
		{requests: "JANE, JOHN, full, JANE30, free, JANE", clicks: "JANE JOHN JANE30", holds: "JOHN"},
		{requests: "JANE, guesses, JOHN, 1m, JANE", clicks: "JANE JOHN", holds: "JANE"},
		{requests: "JANE, guesses, JOHN, JANE, 1m", clicks: "JANE", holds: "JANE"},
		{requests: "JANE, guesses, JOHN, 1m, /, JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, close, JOHN, JANE", clicks: "JANE", holds: "JANE"},
		{requests: "JANE, close, JOHN", clicks: "JANE", holds: "JOHN"},

		// A code that the API does not know gives way.
		{requests: "JANE, TYPO", clicks: "JANE TYPO", holds: "JANE"},
		{requests: "JANE, TYPO, JANE", clicks: "JANE TYPO", holds: "JANE"},
		{requests: "JANE, prefetch TYPO, JANE", clicks: "JANE TYPO", holds: "JANE"},
		{requests: "JANE, JOHN, TYPO, JANE", clicks: "JANE JOHN TYPO", holds: "JOHN"},
		{requests: "JANE, JOHN, prefetch TYPO, JANE", clicks: "JANE JOHN TYPO", holds: "JOHN"},
		{requests: "JANE, JOHN, prefetch TYPO, other TYPO, JANE", clicks: "JANE JOHN TYPO", holds: "JOHN"},
		{requests: "JANE, prefetch JOHN, prefetch TYPO, other TYPO, JANE", clicks: "JANE TYPO", holds: "JANE"},
		{requests: "TYPO, JANE, TYPO", clicks: "TYPO JANE", holds: "JANE"},
		{requests: "TYPO, prefetch JANE, TYPO", clicks: "TYPO JANE", holds: "JANE"},
		{requests: "TYPO, prefetch JANE, 6m, TYPO", clicks: "TYPO JANE", holds: "JANE"},

		{requests: "JANE, JOHN, JANE", clicks: "JANE", holds: "JANE", with: "first click"},
		{requests: "JANE, prefetch JOHN, JANE", clicks: "JANE", holds: "JANE", with: "first click"},
		{requests: "JANE, prefetch JOHN, JOHN", clicks: "JANE", holds: "JANE", with: "first click"},
		{requests: "prefetch JANE, JOHN, JANE", clicks: "JANE", holds: "JANE", with: "first click"},
		{requests: "prefetch JANE, prefetch JOHN, JOHN", clicks: "JANE", holds: "JANE", with: "first click"},
		{requests: "full, JANE, JOHN, free, JANE", clicks: "JANE", holds: "JANE", with: "first click"},
		{requests: "JANE, full, JOHN, free, JANE", clicks: "JANE", holds: "JANE", with: "first click"},
		{requests: "other JANE30, TYPO, JOHN, JOHN", clicks: "JANE30 TYPO JOHN", holds: "JOHN", with: "first click"},
		{requests: "other JANE30, other TYPO, prefetch TYPO, JANE, JOHN", clicks: "JANE30 TYPO JANE", holds: "JANE", with: "first click"},
		{requests: "JANE, 24h, prefetch JANE, JANE, JOHN", clicks: "JANE JANE", holds: "JANE", with: "first click"},

		{requests: "no-consent JANE", clicks: "", holds: ""},
		{requests: "no-consent JANE, JANE", clicks: "JANE", holds: "JANE"},
		{requests: "JANE, no-consent JOHN, JANE", clicks: "JANE", holds: "JANE"},
		{requests: "JANE, prefetch JOHN, no-consent JANE", clicks: "JANE JOHN", holds: "JOHN"},
		{requests: "JANE, prefetch JOHN, no-consent JANE, JANE", clicks: "JANE JOHN", holds: "JANE"},
	} {
		with := cmp.Or(test.with, "last click")
		t.Run(with+": "+test.requests, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := play{newSite(t, affiliates.WithQueue(1), affiliates.WithConsent(consented), options[with]).visitor()}
				for request := range strings.SplitSeq(test.requests, ", ") {
					p.request(request)
					synctest.Wait()
				}
				code, _, _ := strings.Cut(p.send("POST", "/sign-up").body, " ")
				synctest.Wait()
				assert.Equal(t, test.holds, code)
				assert.Equal(t, test.clicks, strings.Join(slices.DeleteFunc(p.api.tracked(), ofOthers), " "))
			})
		})
	}
}

func consented(r *http.Request) bool { return r.Header.Get("Consent") != "no" }

// play is a visitor of a sequence.
type play struct{ *browser }

// ofOthers reports whether a code is of the visitors that fill the queue, or guess codes.
func ofOthers(code string) bool {
	return strings.HasPrefix(code, "JANE99") || strings.HasPrefix(code, "GUESS")
}

func (p play) request(request string) {
	word, code, _ := strings.Cut(request, " ")
	link := "/?ref=" + code
	switch word {
	case "prefetch":
		p.open(link, "Sec-Purpose", "prefetch")
	case "prerender":
		p.open(link, "Sec-Purpose", "prefetch;prerender")
	case "HEAD":
		p.send("HEAD", link)
	case "image":
		p.open(link, "Sec-Fetch-Dest", "image")
	case "bot":
		p.open(link, "User-Agent", "Googlebot")
	case "no-consent":
		p.open(link, "Consent", "no")
	case "other":
		p.visitor().open(link)
	case "full":
		p.fillQueue()
	case "free":
		close(p.api.hold)
	case "guesses":
		p.guess()
	case "close":
		require.NoError(p.t, p.capture.Close(p.t.Context()))
	case "/":
		p.open("/")
	default:
		if d, err := time.ParseDuration(word); err == nil {
			rest(d)
			return
		}
		p.open("/?ref=" + word)
	}
}

// fillQueue has the worker wait for the API with one click, and the queue full with another.
func (p play) fillQueue() {
	p.api.hold = make(chan struct{})
	for range 2 {
		p.visitor().open("/?ref=JANE99")
		synctest.Wait()
	}
}

// guess sends so many unknown codes that only codes that were accepted before are sent.
func (p play) guess() {
	for i := range 60 {
		p.visitor().open(fmt.Sprintf("/?ref=GUESS%d", i))
		synctest.Wait()
	}
}

func TestBackButtonWhileAnotherClickWaitsRestoresTheClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		var referral affiliates.Referral
		s.serve(func(_ http.ResponseWriter, r *http.Request) { referral = affiliates.ReferralFromRequest(r) })
		visitor := s.visitor()
		clicked := time.Now().UTC()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		visitor.open("/")
		rest(time.Hour)
		visitor.prefetch("/?ref=JOHN10")
		rest(time.Hour)
		back := visitor.open("/?ref=JANE20")
		assert.Equal(t, affiliates.Referral{Code: "JANE20", ClickID: "click_a", ClickedAt: clicked}, referral)
		assert.Regexp(t, `=1\.JANE20\.[0-9a-z]+\.q\.[A-Z2-7]{26}\.click_a~1\.JOHN10\.[0-9a-z]+\.q\.[A-Z2-7]{26}; Path=/; Max-Age=2584800; `, back.cookie(), "with the days that are left")
		assert.Equal(t, "private, no-store", back.Header.Get("Cache-Control"))
		synctest.Wait()
		assert.Equal(t, []string{"JANE20", "JOHN10"}, s.api.tracked())
	})
}
