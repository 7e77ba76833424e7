package affiliates

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/transport"
)

const transportAPIKey = transport.APIKey

// ReferralOption changes a [ReferralCapture]: see [NewReferralCapture].
type ReferralOption func(*captureSettings) argument

type captureSettings struct {
	parameter    string
	cookies      cookieNames
	custom       bool // the cookie's name is not the default
	domain       string
	origin       string // "https://yoursite.com"; "" for that of the request
	lifetime     time.Duration
	window       time.Duration
	firstClick   bool
	cleanAddress bool
	kept         []string // parameters that are sent
	consents     func(*http.Request) bool
	bot          func(*http.Request) bool
	report       func(ReferralReport)
	now          func() time.Time
	workers      int
	queue        int
	timeout      time.Duration
}

const (
	day           = 24 * time.Hour
	maxCookieDays = 365
	maxWorkers    = 64
	maxQueue      = 1 << 16
)

func defaultCaptureSettings() captureSettings {
	return captureSettings{
		parameter: "ref",
		cookies:   defaultCookieNames,
		lifetime:  30 * day,
		window:    day,
		consents:  func(*http.Request) bool { return true },
		bot:       saysBot,
		report:    func(ReferralReport) {},
		now:       time.Now,
		workers:   4,
		queue:     1024,
		timeout:   10 * time.Second,
	}
}

// The expressions are compiled when an option is checked: most programs give none of these.
const (
	parameterPattern = `^[A-Za-z0-9_.~-]{1,64}$`
	cookiePattern    = `^[A-Za-z0-9_-]{1,64}$`
	domainPattern    = `^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$`
)

// WithParameter sets the name of the parameter that has the code; "ref" by default.
func WithParameter(name string) ReferralOption {
	return func(s *captureSettings) argument {
		s.parameter = name
		return matching("WithParameter", name, parameterPattern, "is not 1 to 64 characters of A-Z, a-z, 0-9 and _.~-")
	}
}

// WithCookieName sets the name of the cookie; "stackbe_ref" by default. On https it has the
// prefix __Host-, or __Secure- if [WithDomain] is given, by which browsers refuse the cookie
// if another host or an insecure page sets it.
func WithCookieName(name string) ReferralOption {
	return func(s *captureSettings) argument {
		s.cookies = newCookieNames(name)
		s.custom = s.cookies != defaultCookieNames
		if prefixed(name) {
			return argument{"WithCookieName", "has the prefix __Host- or __Secure-, which is added where it is possible"}
		}
		return matching("WithCookieName", name, cookiePattern, "is not 1 to 64 characters of A-Z, a-z, 0-9, _ and -")
	}
}

// prefixed reports whether browsers give the cookie's name a meaning, in any case.
func prefixed(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(lower, "__host-") || strings.HasPrefix(lower, "__secure-")
}

// WithCookieDays sets for how many days the cookie attributes a sign-up, 1 to 365; 30 by
// default. Use the cookieDurationDays of the program's settings: a longer cookie attributes
// sign-ups that the program no longer pays for.
func WithCookieDays(days int) ReferralOption {
	return func(s *captureSettings) argument {
		s.lifetime = time.Duration(days) * day
		return between("WithCookieDays", days, 1, maxCookieDays, "is not 1 to 365")
	}
}

// WithDomain shares the cookie between a domain and its subdomains, such as "yoursite.com" for
// www.yoursite.com and app.yoursite.com. By default, only the host that set the cookie
// receives it. On loopback, with or without TLS, the option has no effect.
func WithDomain(domain string) ReferralOption {
	return func(s *captureSettings) argument {
		s.domain = strings.ToLower(domain)
		return matching("WithDomain", s.domain, domainPattern, `is not a domain such as "yoursite.com"`)
	}
}

// WithPublicOrigin sets the address under which visitors see the site, such as
// "https://yoursite.com": tracked URLs begin with it, and the cookie is Secure if it is https.
// By default the address is https and the request's Host, or http on loopback without TLS. So
// it is needed only behind a proxy that ends TLS and replaces the Host.
func WithPublicOrigin(origin string) ReferralOption {
	return func(s *captureSettings) argument {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || !validHost(u.Host) || u.User != nil ||
			strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
			return argument{"WithPublicOrigin", `is not an origin such as "https://yoursite.com"`}
		}
		if u.Scheme == "http" && !onLoopback(u.Host) {
			return argument{"WithPublicOrigin", "is plain http, on which browsers keep no Secure cookie; use https"}
		}
		s.origin = u.Scheme + "://" + strings.ToLower(u.Host)
		return argument{}
	}
}

// WithFirstClick keeps the first partner's code until the cookie ends: the links of other
// partners then neither change the cookie nor count. By default the last click wins.
func WithFirstClick() ReferralOption {
	return func(s *captureSettings) argument {
		s.firstClick = true
		return argument{}
	}
}

// WithClickWindow sets for how long requests of one visitor with the same code are one click,
// also after the link of another partner; 24 hours by default. A request after that is another
// click, and begins the days of the cookie anew.
func WithClickWindow(window time.Duration) ReferralOption {
	return func(s *captureSettings) argument {
		s.window = window
		if window <= 0 {
			return argument{"WithClickWindow", "is not positive"}
		}
		return argument{}
	}
}

// WithConsent sets a function that reports whether the visitor has consented to the cookie.
// Without consent no cookie is set, nothing is tracked, and [ReferralFromRequest] returns
// nothing. The address then keeps its code, so that a reload after the consent captures it. By
// default every visitor counts as having consented. The function is called on the goroutine of the
// page: its panic is one of the page.
func WithConsent(consents func(*http.Request) bool) ReferralOption {
	return func(s *captureSettings) argument {
		s.consents = consents
		return given("WithConsent", consents != nil)
	}
}

// WithBots sets a function that reports whether a request is a bot's: it sets no cookie and
// tracks nothing. The default is cautious, so as to lose no visitor: it takes for bots only
// those whose User-Agent says that they are crawlers, link previews or monitors. The function is
// called on the goroutine of the page: its panic is one of the page.
func WithBots(bot func(*http.Request) bool) ReferralOption {
	return func(s *captureSettings) argument {
		s.bot = bot
		return given("WithBots", bot != nil)
	}
}

// WithCleanAddress redirects a GET request with a code to the same address without it, which
// keeps all other parameters. The redirect is relative, and sets the cookie. Without consent,
// and for bots, there is none.
func WithCleanAddress() ReferralOption {
	return func(s *captureSettings) argument {
		s.cleanAddress = true
		return argument{}
	}
}

// WithTrackedParameters names the parameters that are sent as part of a tracked URL, such as
// "utm_source". By default none is: a URL has the origin and the path only.
func WithTrackedParameters(names ...string) ReferralOption {
	return func(s *captureSettings) argument {
		s.kept = slices.Clone(names)
		for _, name := range names {
			if a := matching("WithTrackedParameters", name, parameterPattern, "holds a name that is not 1 to 64 characters of A-Z, a-z, 0-9 and _.~-"); a.problem != "" {
				return a
			}
		}
		return argument{}
	}
}

// WithReport sets a function that receives each click whose call failed, and how many were
// dropped since the last report. The workers call it, possibly at the same time; while it
// runs, they track nothing. Clicks dropped after Close are counted in [ReferralStats] only. A panic
// of the function ends no worker: stackbe.Config.Logger receives it.
func WithReport(report func(ReferralReport)) ReferralOption {
	return func(s *captureSettings) argument {
		s.report = report
		return given("WithReport", report != nil)
	}
}

// WithWorkers sets how many calls can be in flight, 1 to 64; 4 by default.
func WithWorkers(workers int) ReferralOption {
	return func(s *captureSettings) argument {
		s.workers = workers
		return between("WithWorkers", workers, 1, maxWorkers, "is not 1 to 64")
	}
}

// WithQueue sets how many clicks can wait, 1 to 65536; 1024 by default. A click that finds the
// queue full is dropped. It is queued again at the visitor's next request.
func WithQueue(clicks int) ReferralOption {
	return func(s *captureSettings) argument {
		s.queue = clicks
		return between("WithQueue", clicks, 1, maxQueue, "is not 1 to 65536")
	}
}

// WithTrackTimeout sets how long the call for a click may take, retries included; 10 seconds
// by default.
func WithTrackTimeout(timeout time.Duration) ReferralOption {
	return func(s *captureSettings) argument {
		s.timeout = timeout
		if timeout <= 0 {
			return argument{"WithTrackTimeout", "is not positive"}
		}
		return argument{}
	}
}

// WithClock sets the clock of cookies and windows; [time.Now] by default. Pages and workers call it.
// It must be safe for concurrent use.
func WithClock(now func() time.Time) ReferralOption {
	return func(s *captureSettings) argument {
		s.now = now
		return given("WithClock", now != nil)
	}
}

func matching(field, value, pattern, problem string) argument {
	if regexp.MustCompile(pattern).MatchString(value) {
		return argument{field: field}
	}
	return argument{field, problem}
}

func between(field string, value, least, most int, problem string) argument {
	if least <= value && value <= most {
		return argument{field: field}
	}
	return argument{field, problem}
}

func given(field string, given bool) argument {
	if given {
		return argument{field: field}
	}
	return argument{field, "is nil"}
}
