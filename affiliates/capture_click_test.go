package affiliates_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

func TestReferralLinkSetsCookieAndTracksClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		landing := visitor.open("/pricing?ref=jane20")
		assert.Equal(t, "JANE20", landing.body, "on the page itself")
		assert.Regexp(t, `^__Host-stackbe_ref=1\.JANE20\.[0-9a-z]+\.q\.[A-Z2-7]{26}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$`, landing.cookie())
		synctest.Wait()
		assert.Equal(t, []string{"JANE20"}, visitor.api.tracked())
		assert.Equal(t, affiliates.ReferralStats{Tracked: 1}, visitor.capture.Stats())
		assert.Equal(t, "JANE20 click_a", visitor.send("POST", "/sign-up").body)
	})
}

func TestClickIsCountedOnce(t *testing.T) {
	for name, again := range map[string]func(b *browser){
		"after a reload": func(b *browser) { b.open("/?ref=JANE20") },
		"after a reload of the code in lower case": func(b *browser) { b.open("/?ref=jane20") },
		"on another page with the code":            func(b *browser) { b.open("/pricing?ref=JANE20") },
		"after the back button, an hour later":     func(b *browser) { rest(time.Hour); b.open("/?ref=JANE20") },
		"after a prefetch":                         func(b *browser) { b.prefetch("/?ref=JANE20") },
		"on other pages":                           func(b *browser) { b.open("/"); b.open("/pricing"); b.send("POST", "/sign-up") },
		"after a HEAD request":                     func(b *browser) { b.send("HEAD", "/?ref=JANE20") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t).visitor()
				visitor.open("/?ref=JANE20")
				again(visitor)
				synctest.Wait()
				again(visitor)
				synctest.Wait()
				assert.Equal(t, []string{"JANE20"}, visitor.api.tracked())
			})
		})
	}
}

func TestClickAfterClickWindowIsAnotherOne(t *testing.T) {
	for name, test := range map[string]struct {
		options []affiliates.ReferralOption
		after   time.Duration
		clicks  int
	}{
		"a second before a day":        {nil, 24*time.Hour - time.Second, 1},
		"after a day":                  {nil, 24 * time.Hour, 2},
		"within a window of an hour":   {[]affiliates.ReferralOption{affiliates.WithClickWindow(time.Hour)}, time.Hour - time.Second, 1},
		"after a window of an hour":    {[]affiliates.ReferralOption{affiliates.WithClickWindow(time.Hour)}, time.Hour, 2},
		"after a day, for first click": {[]affiliates.ReferralOption{affiliates.WithFirstClick()}, 24 * time.Hour, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t, test.options...).visitor()
				visitor.open("/?ref=JANE20")
				rest(test.after)
				again := visitor.open("/?ref=JANE20")
				synctest.Wait()
				assert.Len(t, visitor.api.tracked(), test.clicks)
				if test.clicks == 2 {
					assert.Contains(t, again.cookie(), "Max-Age=2592000", "the days begin anew")
					calls := visitor.api.all()
					assert.NotEqual(t, calls[0].key, calls[1].key)
				}
			})
		})
	}
}

func TestLastClickWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.open("/?ref=JANE20")
		visitor.open("/?ref=JOHN10")
		synctest.Wait()
		assert.Equal(t, []string{"JANE20", "JOHN10"}, visitor.api.tracked())
		assert.Equal(t, "JOHN10 click_b", visitor.open("/").body)
	})
}

func TestBackToLinkOfAReplacedPartnerIsTheSameClick(t *testing.T) {
	for name, test := range map[string]struct {
		codes   []string
		clicks  []string
		holds   string
		options []affiliates.ReferralOption
	}{
		"past another partner": {codes: []string{"JANE20", "JOHN10", "JANE20"}, clicks: []string{"JANE20", "JOHN10"}, holds: "JOHN10 click_b"},
		"back and forward":     {codes: []string{"JANE20", "JOHN10", "JANE20", "JOHN10", "JANE20"}, clicks: []string{"JANE20", "JOHN10"}, holds: "JOHN10 click_b"},
		"past three others": {
			codes:  []string{"JANE20", "JOHN10", "JANE30", "JOHN30", "JANE30", "JOHN10", "JANE20"},
			clicks: []string{"JANE20", "JOHN10", "JANE30", "JOHN30"}, holds: "JOHN30 click_d",
		},
		"past more than the cookie holds": {
			codes:  []string{"JANE20", "JOHN10", "JANE30", "JOHN30", "JANE40", "JANE20"},
			clicks: []string{"JANE20", "JOHN10", "JANE30", "JOHN30", "JANE40", "JANE20"}, holds: "JANE20 click_f",
		},
		"to a clean address": {
			codes: []string{"JANE20", "JOHN10", "JANE20"}, clicks: []string{"JANE20", "JOHN10"}, holds: "JOHN10 click_b",
			options: []affiliates.ReferralOption{affiliates.WithCleanAddress()},
		},
		"past one that the API does not know": {codes: []string{"JANE20", "JOHN10", "TYPO20", "JANE20"}, clicks: []string{"JANE20", "JOHN10", "TYPO20"}, holds: "JOHN10 click_b"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t, test.options...).visitor()
				for _, code := range test.codes {
					visitor.open("/?ref=" + code)
					rest(time.Minute)
				}
				assert.Equal(t, test.clicks, visitor.api.tracked())
				assert.Equal(t, test.holds, visitor.open("/").body)
			})
		})
	}
}

func TestLinkOfAReplacedPartnerAfterClickWindowIsAnotherClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.open("/?ref=JANE20")
		rest(time.Hour)
		visitor.open("/?ref=JOHN10")
		rest(23*time.Hour - time.Second)
		assert.Equal(t, "JOHN10 click_b", visitor.open("/?ref=JANE20").body)
		rest(time.Second)
		assert.Equal(t, "JANE20", visitor.open("/?ref=JANE20").body)
		synctest.Wait()
		assert.Equal(t, []string{"JANE20", "JOHN10", "JANE20"}, visitor.api.tracked())
	})
}

func TestLinkThatWasOnlyPrefetchedBeforeAnotherIsAClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.prefetch("/?ref=JANE20")
		visitor.prefetch("/?ref=JOHN10")
		assert.Equal(t, "JANE20", visitor.open("/?ref=JANE20").body)
		synctest.Wait()
		assert.Contains(t, visitor.api.tracked(), "JANE20")
	})
}

func TestPageThatWasOnlyPrefetchedDoesNotKeepTheAttribution(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		visitor.prefetch("/?ref=JOHN10")
		assert.Equal(t, "JANE20 click_a", visitor.open("/?ref=JANE20").body)
		synctest.Wait()
		assert.Equal(t, []string{"JANE20", "JOHN10"}, visitor.api.tracked())
	})
}

func TestBackToLinkOfAReplacedPartnerInAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.open("/?ref=JANE20")
		visitor.open("/?ref=JOHN10")
		synctest.Wait()
		elsewhere := visitor.restart()
		moved := &browser{site: elsewhere, cookies: visitor.cookies, header: http.Header{}}
		assert.Equal(t, "JOHN10", moved.open("/?ref=JANE20").body)
		synctest.Wait()
		assert.Empty(t, elsewhere.api.tracked())
	})
}

func TestFirstClickWinsIfChosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t, affiliates.WithFirstClick()).visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		second := visitor.open("/?ref=JOHN10")
		synctest.Wait()
		assert.Equal(t, "JANE20 click_a", second.body)
		assert.Equal(t, []string{"JANE20"}, visitor.api.tracked(), "a link that attributes nothing is not tracked")

		rest(30 * 24 * time.Hour)
		assert.Equal(t, "JOHN10", visitor.open("/?ref=JOHN10").body, "once the first has ended")
		synctest.Wait()
	})
}

func TestPrefetchedPageCountsAtNextRequest(t *testing.T) {
	for name, header := range map[string][]string{
		"a prefetch by speculation rules":     {"Sec-Purpose", "prefetch", "Sec-Fetch-Dest", "document"},
		"a prerender":                         {"Sec-Purpose", "prefetch;prerender", "Sec-Fetch-Dest", "document"},
		"a prefetch through a proxy":          {"Sec-Purpose", "prefetch;anonymous-client-ip"},
		"a list":                              {"Sec-Purpose", "other, Prefetch"},
		"a prefetch by a link element":        {"Sec-Purpose", "prefetch", "Sec-Fetch-Dest", "empty", "Sec-Fetch-Site", "same-origin"},
		"a prefetch with the older header":    {"Purpose", "prefetch"},
		"a prefetch by an old Firefox":        {"X-Moz", "prefetch"},
		"a preview by Safari":                 {"X-Purpose", "preview"},
		"a prefetch with both, in upper case": {"Purpose", "PREFETCH", "Sec-Purpose", "PREFETCH"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t).visitor()
				early := visitor.open("/pricing?ref=JANE20", header...)
				synctest.Wait()
				assert.Empty(t, visitor.api.tracked())
				assert.Contains(t, early.cookie(), ".p.", "the code is kept")
				assert.Equal(t, "JANE20", early.body)

				assert.Equal(t, "JANE20", visitor.send("POST", "/sign-up").body)
				synctest.Wait()
				require.Equal(t, []string{"JANE20"}, visitor.api.tracked())
				assert.Equal(t, "https://example.com/pricing", visitor.api.all()[0].URL, "that of the page, and not of the next request")
				assert.Equal(t, "JANE20 click_a", visitor.open("/").body)
				synctest.Wait()
				assert.Len(t, visitor.api.tracked(), 1)
			})
		})
	}
}

func TestPrefetchedPageThatIsOpenedCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.prefetch("/?ref=JANE20")
		visitor.prefetch("/?ref=JANE20")
		for range 3 {
			visitor.open("/?ref=JANE20")
		}
		synctest.Wait()
		assert.Len(t, visitor.api.tracked(), 1)
	})
}

func TestPrefetchedPageThatIsOpenedDaysLaterCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.prefetch("/?ref=JANE20")
		rest(2 * 24 * time.Hour)
		opened := visitor.open("/?ref=JANE20")
		assert.Contains(t, opened.cookie(), "Max-Age=2592000", "the days begin with the click")
		rest(23 * time.Hour)
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		assert.Len(t, visitor.api.tracked(), 1)
	})
}

func TestConcurrentRequestsAfterAPrefetchBeginTheSameClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.prefetch("/?ref=JANE20")
		prefetched := maps.Clone(visitor.cookies)
		rest(25 * time.Hour)
		visitor.open("/")
		visitor.cookies = prefetched // sent before the first response arrived
		second := visitor.open("/")
		assert.Contains(t, second.cookie(), "Max-Age=2592000", "the days begin with the click")
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		assert.Equal(t, []string{"JANE20"}, visitor.api.tracked())
	})
}

func TestPrefetchedPageCountsOnlyForAVisitor(t *testing.T) {
	for name, request := range map[string]func(b *browser){
		"another prefetch":             func(b *browser) { b.prefetch("/") },
		"a HEAD request":               func(b *browser) { b.send("HEAD", "/") },
		"an OPTIONS request":           func(b *browser) { b.send("OPTIONS", "/") },
		"an image":                     func(b *browser) { b.open("/logo.png", "Sec-Fetch-Dest", "image") },
		"a part of a prerendered page": func(b *browser) { b.open("/x.js", "Sec-Fetch-Dest", "script", "Sec-Purpose", "prefetch") },
		"another visitor":              func(b *browser) { b.visitor().open("/") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t).visitor()
				visitor.prefetch("/?ref=JANE20")
				request(visitor)
				synctest.Wait()
				assert.Empty(t, visitor.api.tracked())
			})
		})
	}
}

func TestPrefetchedPageCountsBeforeAnotherPartnersLink(t *testing.T) {
	for name, test := range map[string]struct {
		options []affiliates.ReferralOption
		codes   []string
		holds   string
	}{
		"last click":  {nil, []string{"JANE20", "JOHN10"}, "JOHN10"},
		"first click": {[]affiliates.ReferralOption{affiliates.WithFirstClick()}, []string{"JANE20"}, "JANE20"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t, test.options...).visitor()
				visitor.prefetch("/?ref=JANE20")
				assert.Equal(t, test.holds, visitor.open("/?ref=JOHN10").body)
				synctest.Wait()
				assert.ElementsMatch(t, test.codes, visitor.api.tracked())
			})
		})
	}
}

func TestPrefetchedPageCountsInAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.prefetch("/?ref=JANE20")
		elsewhere := visitor.restart()
		moved := &browser{site: elsewhere, cookies: visitor.cookies, header: http.Header{}}
		moved.open("/")
		moved.open("/")
		synctest.Wait()
		require.Equal(t, []string{"JANE20"}, elsewhere.api.tracked())
		assert.Empty(t, elsewhere.api.all()[0].URL, "only the first process knows the page")
		assert.Regexp(t, `^[A-Z2-7]{26}$`, elsewhere.api.all()[0].key)
	})
}

func TestEachClickHasAnIdempotencyKeyOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		keys := map[string]bool{}
		for range 20 {
			s.visitor().open("/?ref=JANE20")
		}
		synctest.Wait()
		for _, call := range s.api.all() {
			keys[call.key] = true
		}
		assert.Len(t, keys, 20)
	})
}

func TestClickThatAnotherProcessTrackedIsNotTrackedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, affiliates.WithReport(func(r affiliates.ReferralReport) { assert.Fail(t, "reported", "%v", r.Err) }))
		s.api.respond = func(*http.Request, trackedClick) *http.Response {
			return apiResponse(409, `{"statusCode":409,"code":"IDEMPOTENCY_KEY_REUSED"}`)
		}
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		assert.Equal(t, "JANE20", visitor.open("/").body)
		synctest.Wait()
		assert.Len(t, s.api.tracked(), 1)
		assert.Equal(t, affiliates.ReferralStats{Tracked: 1}, s.capture.Stats())
	})
}

func TestOtherRequestsAreNotCaptured(t *testing.T) {
	for name, send := range map[string]func(b *browser) shown{
		"HEAD":                    func(b *browser) shown { return b.send("HEAD", "/?ref=JANE20") },
		"POST":                    func(b *browser) shown { return b.send("POST", "/?ref=JANE20") },
		"OPTIONS":                 func(b *browser) shown { return b.send("OPTIONS", "/?ref=JANE20") },
		"no query":                func(b *browser) shown { return b.open("/") },
		"no code":                 func(b *browser) shown { return b.open("/?a=b") },
		"an empty code":           func(b *browser) shown { return b.open("/?ref=") },
		"two characters":          func(b *browser) shown { return b.open("/?ref=ab") },
		"33 characters":           func(b *browser) shown { return b.open("/?ref=" + strings.Repeat("J", 33)) },
		"a megabyte":              func(b *browser) shown { return b.open("/?ref=" + strings.Repeat("J", 1<<20)) },
		"a line break":            func(b *browser) shown { return b.open("/?ref=JANE20%0d%0aSet-Cookie:x=y") },
		"a cookie's semicolon":    func(b *browser) shown { return b.open("/?ref=JANE%3B20") },
		"a raw semicolon":         func(b *browser) shown { return b.open("/?ref=JANE20;x") },
		"a dot":                   func(b *browser) shown { return b.open("/?ref=JANE.20") },
		"a letter beyond ASCII":   func(b *browser) shown { return b.open("/?ref=%C5%BFAM20") },
		"a Kelvin sign":           func(b *browser) shown { return b.open("/?ref=%E2%84%AAIM20") },
		"a null byte":             func(b *browser) shown { return b.open("/?ref=JANE20%00") },
		"a broken escape":         func(b *browser) shown { return b.open("/?ref=%zz") },
		"a parameter in capitals": func(b *browser) shown { return b.open("/?REF=JANE20") },
		"a longer parameter":      func(b *browser) shown { return b.open("/?xref=JANE20&refs=JANE20&ref[]=JANE20") },
		"an invalid code first":   func(b *browser) shown { return b.open("/?ref=J&ref=JANE20") },
		"an image":                func(b *browser) shown { return b.open("/?ref=JANE20", "Sec-Fetch-Dest", "image") },
		"a frame":                 func(b *browser) shown { return b.open("/?ref=JANE20", "Sec-Fetch-Dest", "iframe") },
		"a fetch by another site": func(b *browser) shown {
			return b.open("/?ref=JANE20", "Sec-Fetch-Dest", "empty", "Sec-Fetch-Site", "cross-site")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t).visitor()
				response := send(visitor)
				synctest.Wait()
				assert.Equal(t, 200, response.StatusCode)
				assert.Empty(t, response.body)
				assert.Empty(t, response.Header["Set-Cookie"])
				assert.Empty(t, visitor.api.tracked())
			})
		})
	}
}

func TestCodeIsReadAsParseQueryReadsIt(t *testing.T) {
	for name, target := range map[string]string{
		"escaped":                   "/?%72%65f=JANE%32%30",
		"after others":              "/?a=1&&b&c=%zz&ref=JANE20&d=x",
		"twice":                     "/?ref=JANE20&ref=JOHN10",
		"after one that is ignored": "/?ref=%zz&ref=JANE20",
		"after a raw semicolon":     "/?ref=JOHN10;&ref=JANE20",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				assert.Contains(t, newSite(t).visitor().open(target).cookie(), "=1.JANE20.")
			})
		})
	}
}

func TestParameterAndCookieNameAreOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t, affiliates.WithParameter("via"), affiliates.WithCookieName("partner")).visitor()
		assert.Empty(t, visitor.open("/?ref=JOHN10").cookie())
		landing := visitor.open("/?via=JANE20")
		assert.Contains(t, landing.cookie(), "__Host-partner=1.JANE20.")
		synctest.Wait()
		assert.Equal(t, "JANE20 click_a", visitor.open("/").body)
	})
}

func TestConsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t, affiliates.WithCleanAddress(), affiliates.WithConsent(func(r *http.Request) bool {
			return r.Header.Get("Consent") == "yes"
		})).visitor()
		without := visitor.open("/?ref=JANE20")
		synctest.Wait()
		assert.Equal(t, 200, without.StatusCode, "the address keeps the code")
		assert.Empty(t, without.cookie())
		assert.Empty(t, without.body)
		assert.Empty(t, visitor.api.tracked())

		assert.Equal(t, 303, visitor.open("/?ref=JANE20", "Consent", "yes").StatusCode, "after the consent, and a reload")
		synctest.Wait()
		assert.Equal(t, []string{"JANE20"}, visitor.api.tracked())

		withdrawn := visitor.open("/")
		assert.Empty(t, withdrawn.body, "a cookie from before is not read")
		assert.Empty(t, withdrawn.cookie())
		assert.Equal(t, "JANE20 click_a", visitor.open("/", "Consent", "yes").body)
	})
}

func TestPrefetchedClickIsNotCountedWithoutConsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		consent := true
		visitor := newSite(t, affiliates.WithConsent(func(*http.Request) bool { return consent })).visitor()
		visitor.prefetch("/?ref=JANE20")
		consent = false
		visitor.open("/")
		synctest.Wait()
		assert.Empty(t, visitor.api.tracked())
	})
}

func TestBots(t *testing.T) {
	for agent, is := range map[string]bool{
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                                 true,
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/100": true,
		"Twitterbot/1.0": true,
		"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)": true,
		"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)":       true,
		"facebookexternalhit/1.1":                               true,
		"WhatsApp/2.23.20.0":                                    true,
		"Mozilla/5.0 (compatible; Bytespider; x@example.com)":   true,
		"Mozilla/5.0+(compatible; UptimeRobot/2.0; +https://x)": true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36": false,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":         false,
		"Mozilla/5.0 (Linux; Android 9; CUBOT P30) AppleWebKit/537.36 Chrome/100 Mobile Safari/537.36":                  false,
		"Mozilla/5.0 (Linux; Android 9; CUBOT) Googlebot/2.1":                                                           true,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 300":       false,
		"Go-http-client/1.1":                false,
		"curl/8.0":                          false,
		"Abbott/1.0":                        false,
		"":                                  false,
		strings.Repeat("x", 10_000) + "bot": false,
	} {
		t.Run(agent[:min(len(agent), 40)], func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				visitor := newSite(t).visitor()
				response := visitor.open("/?ref=JANE20", "User-Agent", agent)
				synctest.Wait()
				assert.Equal(t, is, response.cookie() == "")
				assert.Equal(t, is, len(visitor.api.tracked()) == 0)
			})
		})
	}
}

func TestBotsAreAnOption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t, affiliates.WithBots(func(r *http.Request) bool { return r.Header.Get("User-Agent") == "curl/8.0" })).visitor()
		assert.Empty(t, visitor.open("/?ref=JANE20", "User-Agent", "curl/8.0").cookie())
		assert.NotEmpty(t, visitor.open("/?ref=JANE20", "User-Agent", "Googlebot").cookie())
	})
}

func TestUnknownCodeIsRememberedForFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		for range 100 {
			s.visitor().open("/?ref=NOBODY")
			synctest.Wait()
		}
		assert.Equal(t, []string{"NOBODY"}, s.api.tracked())
		assert.EqualValues(t, 1, s.capture.Stats().Unknown)
		rest(5 * time.Minute)
		s.visitor().open("/?ref=NOBODY")
		synctest.Wait()
		assert.Len(t, s.api.tracked(), 2)
	})
}

func TestRandomCodesDoNotFloodTheAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.visitor().open("/?ref=JANE20")
		synctest.Wait()
		for i := range 1000 {
			s.visitor().open(fmt.Sprintf("/?ref=GUESS%d", i))
			synctest.Wait()
		}
		assert.Len(t, s.api.tracked(), 61)
		for range 10 {
			s.visitor().open("/?ref=JANE20")
		}
		synctest.Wait()
		assert.Len(t, s.api.tracked(), 71, "a code that is known to be valid goes on")

		latecomer := s.visitor()
		latecomer.open("/?ref=JOHN10")
		synctest.Wait()
		assert.Len(t, s.api.tracked(), 71)
		rest(time.Minute)
		latecomer.open("/")
		synctest.Wait()
		assert.Len(t, s.api.tracked(), 72, "another one is tracked later")
	})
}

func TestRandomCodesDoNotFloodTheAPIFromTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		for i := range 1000 {
			s.visitor().open(fmt.Sprintf("/?ref=GUESS%d", i))
		}
		synctest.Wait()
		assert.Less(t, len(s.api.tracked()), 70)
		stats := s.capture.Stats()
		assert.Zero(t, stats.Waiting)
		assert.EqualValues(t, 1000, stats.Dropped+stats.Unknown)
	})
}

// StackBE has responded with 400 to what is missing.
func TestRandomCodesDoNotFloodAnAPIThatCallsThemInvalid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.visitor().open("/?ref=JANE20")
		synctest.Wait()
		s.api.respond = func(*http.Request, trackedClick) *http.Response { return apiResponse(400, `{}`) }
		for i := range 1000 {
			s.visitor().open(fmt.Sprintf("/?ref=GUESS%d", i%500))
			synctest.Wait()
		}
		assert.Len(t, s.api.tracked(), 61)
		again := s.visitor()
		again.open("/?ref=JANE20")
		synctest.Wait()
		assert.Len(t, s.api.tracked(), 62, "a code that was accepted before is still sent")
		assert.Equal(t, "JANE20", again.open("/").body)
		assert.Equal(t, "GUESS1", s.visitor().open("/?ref=GUESS1").body, "an invalid call does not mean that the code is unknown")
	})
}

func TestUnknownCodeGivesWayToTheOneBefore(t *testing.T) {
	for name, options := range map[string][]affiliates.ReferralOption{"last click": nil, "first click": {affiliates.WithFirstClick()}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, options...)
				visitor := s.visitor()
				if name == "last click" {
					visitor.open("/?ref=JANE20")
				} else {
					s.visitor().open("/?ref=JANE20")
				}
				synctest.Wait()
				visitor.open("/?ref=TYPO20")
				synctest.Wait()
				after := visitor.open("/")
				if name == "last click" {
					assert.Equal(t, "JANE20 click_a", visitor.open("/").body)
					assert.Contains(t, after.cookie(), "1.JANE20.")
					return
				}
				assert.Contains(t, after.cookie(), "__Host-stackbe_ref=; Path=/; Max-Age=0;", "there was none")
				assert.Equal(t, "JOHN10", visitor.open("/?ref=JOHN10").body)
				synctest.Wait()
			})
		})
	}
}

func TestUnknownCodeGivesWayToTheOneBeforeInAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		visitor.open("/")
		visitor.prefetch("/?ref=TYPO20")
		elsewhere := visitor.restart()
		elsewhere.visitor().open("/?ref=JANE20") // so that the API's address is right for certain
		synctest.Wait()
		moved := &browser{site: elsewhere, cookies: visitor.cookies, header: http.Header{}}
		assert.Equal(t, "TYPO20", moved.open("/").body)
		synctest.Wait()
		assert.Equal(t, "JANE20 click_a", moved.open("/").body)
	})
}

func TestUnknownCodeThatIsRememberedLeavesCookieAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.visitor().open("/?ref=TYPO20")
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		visitor.open("/")
		again := visitor.open("/?ref=TYPO20")
		assert.Empty(t, again.cookie())
		assert.Equal(t, "JANE20 click_a", again.body)
	})
}

// An API whose address is wrong responds with 404 to everything.
func TestCodesAreKeptIfTheAPIKnowsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.api.respond = func(*http.Request, trackedClick) *http.Response { return apiResponse(404, `{}`) }
		first, second := s.visitor(), s.visitor()
		first.open("/?ref=JANE20")
		synctest.Wait()
		second.open("/?ref=JANE20")
		synctest.Wait()
		assert.Equal(t, "JANE20", first.open("/").body)
		assert.Equal(t, "JANE20", second.open("/").body)
	})
}

func TestFailedClickIsTrackedAtNextRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reports []affiliates.ReferralReport
		s := newSite(t, affiliates.WithReport(func(r affiliates.ReferralReport) { reports = append(reports, r) }))
		s.api.respond = func(*http.Request, trackedClick) *http.Response { return apiResponse(500, `{}`) }
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		require.Len(t, reports, 1)
		assert.Equal(t, 1, reports[0].Clicks)
		assert.Equal(t, "JANE20", reports[0].Code)
		assert.ErrorContains(t, reports[0].Err, "500")

		s.api.respond = nil
		visitor.open("/")
		synctest.Wait()
		assert.Equal(t, "JANE20 click_a", visitor.open("/").body)
		assert.Equal(t, affiliates.ReferralStats{Failed: 1, Tracked: 1}, s.capture.Stats())
		calls := s.api.all()
		assert.Equal(t, calls[0], calls[1], "as the same click, with its URL and idempotency key")
	})
}

// StackBE documents no response.
func TestClickIsTrackedWhateverTheBodyOfItsResponse(t *testing.T) {
	for name, response := range map[string]func() *http.Response{
		"an id that is a number":  func() *http.Response { return apiResponse(201, `{"clickId":7}`) },
		"another time":            func() *http.Response { return apiResponse(200, `{"clickId":"click","expiresAt":"soon"}`) },
		"an array":                func() *http.Response { return apiResponse(201, `[]`) },
		"a text":                  func() *http.Response { return apiResponse(201, `"ok"`) },
		"null":                    func() *http.Response { return apiResponse(201, `null`) },
		"half of an object":       func() *http.Response { return apiResponse(202, `{"clickId":`) },
		"not JSON":                func() *http.Response { return apiResponse(200, `<html>ok</html>`) },
		"not UTF-8":               func() *http.Response { return apiResponse(200, "\xff\xff") },
		"no body":                 func() *http.Response { return apiResponse(204, ``) },
		"a body that is too long": func() *http.Response { return apiResponse(201, strings.Repeat(" ", 10<<20+1)) },
		"a body that breaks off": func() *http.Response {
			broken := apiResponse(201, ``)
			broken.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"clickId":"cl`), iotest.ErrReader(io.ErrUnexpectedEOF)))
			return broken
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, affiliates.WithReport(func(r affiliates.ReferralReport) { assert.Fail(t, "reported", "%v", r.Err) }))
				s.api.respond = func(_ *http.Request, click trackedClick) *http.Response {
					if click.Code != "JANE20" {
						return nil
					}
					return response()
				}
				visitor := s.visitor()
				visitor.open("/?ref=JANE20")
				for range 2 {
					synctest.Wait()
					assert.Equal(t, "JANE20", visitor.open("/").body, "without the id of the click")
				}
				synctest.Wait()
				assert.Equal(t, []string{"JANE20"}, s.api.tracked())
				assert.Equal(t, affiliates.ReferralStats{Tracked: 1}, s.capture.Stats())

				visitor.open("/?ref=TYPO20")
				synctest.Wait()
				assert.Equal(t, "JANE20", visitor.open("/").body, "a code was accepted: the API's address is right")
			})
		})
	}
}

func TestFailedClickIsTriedThreeTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.api.respond = func(*http.Request, trackedClick) *http.Response { return apiResponse(500, `{}`) }
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		for range 10 {
			synctest.Wait()
			visitor.open("/")
		}
		assert.Len(t, s.api.tracked(), 3)
		assert.Equal(t, "JANE20", visitor.open("/").body, "the code attributes nevertheless")
	})
}

func TestClickIDReachesTheCookieAtNextRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.open("/?ref=JANE20")
		synctest.Wait()
		rest(10 * 24 * time.Hour)
		next := visitor.open("/")
		assert.Regexp(t, `^__Host-stackbe_ref=1\.JANE20\.[0-9a-z]+\.q\.[A-Z2-7]{26}\.click_a; Path=/; Max-Age=1728000; `, next.cookie(), "with the days that are left")
		assert.Equal(t, "private, no-store", next.Header.Get("Cache-Control"))
		third := visitor.open("/")
		assert.Empty(t, third.cookie())
		assert.Equal(t, "public, max-age=600", third.Header.Get("Cache-Control"))

		elsewhere := visitor.restart()
		moved := &browser{site: elsewhere, cookies: visitor.cookies, header: http.Header{}}
		assert.Equal(t, "JANE20 click_a", moved.open("/").body, "in another process, too")
	})
}

func TestClickIDThatNoCookieCanCarryIsLeftOut(t *testing.T) {
	for _, id := range []string{"", "a b", "a;b", `a\"b`, "a.b", "caf\u00e9", strings.Repeat("x", 65)} {
		t.Run(id[:min(len(id), 10)], func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t)
				s.api.respond = func(*http.Request, trackedClick) *http.Response {
					return apiResponse(201, `{"clickId":"`+id+`","code":"JANE20"}`)
				}
				visitor := s.visitor()
				visitor.open("/?ref=JANE20")
				synctest.Wait()
				next := visitor.open("/")
				assert.Equal(t, "JANE20", next.body)
				assert.Empty(t, next.cookie())
			})
		})
	}
}

func TestReferralTellsWhenTheVisitorClicked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		var referral affiliates.Referral
		s.serve(func(_ http.ResponseWriter, r *http.Request) { referral = affiliates.ReferralFromRequest(r) })
		visitor := s.visitor()
		clicked := time.Now().UTC()
		visitor.open("/?ref=JANE20")
		rest(time.Hour)
		visitor.open("/")
		assert.Equal(t, affiliates.Referral{Code: "JANE20", ClickID: "click_a", ClickedAt: clicked}, referral)
		s.visitor().open("/")
		assert.Zero(t, referral)
	})
}

func TestReloadAfterTheClockWasSetBackIsTheSameClick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var back atomic.Int64
		visitor := newSite(t, affiliates.WithClock(func() time.Time { return time.Now().Add(-time.Duration(back.Load())) })).visitor()
		visitor.open("/?ref=JANE20")
		rest(time.Minute)
		back.Store(int64(time.Hour))
		assert.Equal(t, "JANE20 click_a", visitor.open("/?ref=JANE20").body)
		synctest.Wait()
		assert.Equal(t, []string{"JANE20"}, visitor.api.tracked())
	})
}

func TestClickBehindTheMiddlewareTwiceIsCountedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		visitor.handler = visitor.capture.Middleware(visitor.handler)
		response := visitor.open("/?ref=JANE20")
		synctest.Wait()
		assert.Equal(t, "JANE20", response.body)
		assert.Len(t, response.Header["Set-Cookie"], 1)
		assert.Equal(t, "private, no-store", response.Header.Get("Cache-Control"))
		assert.Equal(t, []string{"JANE20"}, visitor.api.tracked())
	})
}
