package affiliates

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/referralcode"
)

// attribution is what the cookie holds:
// "1.JANE20.t66scs.q.MZXW6YTBOI4DQMBQGEZTEMJSGI.cmjcbidrx0004n13ye2b7pryh", where q is p until
// the click is queued, and the last part comes once the click is known. Those that it has
// replaced follow, each after a "~".
type attribution struct {
	code     string
	at       int64  // when the click was queued, or the page fetched early, in Unix seconds
	queued   bool   // the click waits for no further request
	id       string // random, and the idempotency key of the click
	clickID  string // the API's
	replaced string // as in the cookie, the newest first; "" for none
}

const (
	attributionVersion = "1"
	attributionWaiting = "p"
	attributionQueued  = "q"
	replacedSeparator  = "~"

	maxReplaced    = 3
	maxAttribution = (maxReplaced + 1) * 138 // bytes, with the separators
	maxMoment      = 7                       // digits in base 36, for the years 1 to 4453
	visitIDLength  = 26                      // of rand.Text
	maxClickID     = 64
	clockSkew      = day // between replicas, or after a clock was set back
)

func (a attribution) clickedAt() time.Time { return time.Unix(a.at, 0).UTC() }

func (a attribution) referral() Referral {
	if a.code == "" {
		return Referral{}
	}
	return Referral{Code: a.code, ClickID: a.clickID, ClickedAt: a.clickedAt()}
}

func (a attribution) String() string {
	state := attributionWaiting
	if a.queued {
		state = attributionQueued
	}
	text := attributionVersion + "." + a.code + "." + strconv.FormatInt(a.at, 36) + "." + state + "." + a.id
	if a.clickID != "" {
		text += "." + a.clickID
	}
	if a.replaced != "" {
		text += replacedSeparator + a.replaced
	}
	return text
}

// asReplaced returns what the attribution that replaces a holds of it and of those before.
func (a attribution) asReplaced() string {
	if a.code == "" {
		return ""
	}
	newest := strings.SplitN(a.String(), replacedSeparator, maxReplaced+1)
	return strings.Join(newest[:min(len(newest), maxReplaced)], replacedSeparator)
}

// before returns what a has replaced, or the zero value.
func (a attribution) before() attribution {
	before, _ := parseAttribution(a.replaced)
	return before
}

// hasReplaced reports whether a has replaced a click with the code within the window.
func (a attribution) hasReplaced(code string, window time.Duration, now time.Time) bool {
	for b := a.before(); b.code != ""; b = b.before() {
		if b.code == code && b.queued && now.Sub(b.clickedAt()) < window {
			return true
		}
	}
	return false
}

// beforeWaiting returns the newest that a has replaced of those whose clicks wait for no further
// request. It holds a and the others as replaced, so that none of them counts twice.
func (s *captureSettings) beforeWaiting(a attribution, now time.Time) (earlier attribution, ok bool) {
	all := strings.Split(a.String(), replacedSeparator)
	for i := 1; i < len(all); i++ {
		if earlier, _ = parseOne(all[i]); earlier.queued && s.lasts(earlier, now) {
			earlier.replaced = strings.Join(slices.Delete(all, i, i+1), replacedSeparator)
			return earlier, true
		}
	}
	return attribution{}, false
}

// parseAttribution reads a cookie, which the visitor may have written: only what String makes
// is accepted.
func parseAttribution(text string) (a attribution, ok bool) {
	if len(text) > maxAttribution {
		return attribution{}, false
	}
	newest, replaced, more := strings.Cut(text, replacedSeparator)
	a, ok = parseOne(newest)
	if !ok || more && !validReplaced(replaced) {
		return attribution{}, false
	}
	a.replaced = replaced
	return a, true
}

func validReplaced(text string) bool {
	if strings.Count(text, replacedSeparator) >= maxReplaced {
		return false
	}
	for one := range strings.SplitSeq(text, replacedSeparator) {
		if _, ok := parseOne(one); !ok {
			return false
		}
	}
	return true
}

// parseOne reads an attribution without those that it has replaced.
func parseOne(text string) (a attribution, ok bool) {
	version, rest, _ := strings.Cut(text, ".")
	code, rest, _ := strings.Cut(rest, ".")
	moment, rest, _ := strings.Cut(rest, ".")
	state, rest, _ := strings.Cut(rest, ".")
	id, clickID, clicked := strings.Cut(rest, ".")

	canonical, valid := referralcode.Canonical(code)
	at, whole := parseMoment(moment)
	switch {
	case version != attributionVersion, !valid, canonical != code, !whole, !validVisitID(id):
		return attribution{}, false
	case state != attributionQueued && (state != attributionWaiting || clicked):
		return attribution{}, false
	case clicked && !validClickID(clickID):
		return attribution{}, false
	}
	return attribution{code: code, at: at, queued: state == attributionQueued, id: id, clickID: clickID}, true
}

// parseMoment reads Unix seconds in base 36, in the one form that strconv writes.
func parseMoment(text string) (seconds int64, ok bool) {
	if text == "0" {
		return 0, true
	}
	if before, ok := strings.CutPrefix(text, "-"); ok { // before 1970
		seconds, ok = parseMoment(before)
		return -seconds, ok && seconds > 0
	}
	if text == "" || len(text) > maxMoment || text[0] == '0' {
		return 0, false
	}
	for i := range len(text) {
		digit := strings.IndexByte(base36, text[i])
		if digit < 0 {
			return 0, false
		}
		seconds = seconds*36 + int64(digit)
	}
	return seconds, true
}

const (
	base36 = "0123456789abcdefghijklmnopqrstuvwxyz"
	base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" // of rand.Text
)

var (
	visitIDCharacters = newCharacters(func(r rune) bool { return strings.ContainsRune(base32, r) })
	clickIDCharacters = newCharacters(func(r rune) bool {
		return strings.ContainsRune(base36, r) || 'A' <= r && r <= 'Z' || r == '_' || r == '-'
	})
)

func validVisitID(id string) bool { return len(id) == visitIDLength && visitIDCharacters.all(id) }

// validClickID reports whether a cookie can carry the API's id of a click.
func validClickID(id string) bool {
	return id != "" && len(id) <= maxClickID && clickIDCharacters.all(id)
}

// lasts reports whether what a cookie holds still attributes.
func (s *captureSettings) lasts(a attribution, now time.Time) bool {
	age := now.Sub(a.clickedAt())
	return a.code != "" && -clockSkew <= age && age < s.lifetime
}

// cookieNames are the names of the cookie: with a prefix where browsers then protect it.
type cookieNames struct {
	base   string // on loopback without TLS
	secure string // with a domain
	host   string // otherwise
}

var defaultCookieNames = newCookieNames("stackbe_ref")

func newCookieNames(base string) cookieNames {
	return cookieNames{base: base, secure: "__Secure-" + base, host: "__Host-" + base}
}

// held returns what the request's cookies hold. A name that other hosts or insecure pages can
// set is read only where no other is possible. Of several cookies of a name the order tells
// nothing about who set them: the last click is taken, or the first.
func (n *cookieNames) held(r *http.Request, domain string, secure, firstClick bool) (found attribution) {
	lines := r.Header["Cookie"]
	if !mentions(lines, n.base) {
		return attribution{}
	}
	names := [...]string{n.base}
	switch {
	case !secure:
		return pick(lines, names[:], firstClick)
	case domain != "":
		return pick(lines, []string{n.secure, n.host}, firstClick)
	}
	names[0] = n.host
	return pick(lines, names[:], firstClick)
}

func pick(lines, names []string, firstClick bool) (found attribution) {
	for _, name := range names {
		for _, line := range lines {
			for line != "" {
				var value string
				value, line = nextCookie(line, name)
				a, ok := parseAttribution(value)
				if ok && (found.code == "" || firstClick && a.at < found.at || !firstClick && a.at > found.at) {
					found = a
				}
			}
		}
	}
	return found
}

// nextCookie returns the value of the first cookie of the name in a line, and the line after
// it.
func nextCookie(line, name string) (value, rest string) {
	for from := 0; ; {
		at := strings.Index(line[from:], name)
		if at < 0 {
			return "", ""
		}
		before := strings.TrimRight(line[:from+at], " \t")
		from += at + len(name)
		if (before == "" || before[len(before)-1] == ';') && strings.HasPrefix(line[from:], "=") {
			value, rest, _ = strings.Cut(line[from+1:], ";")
			return strings.TrimRight(value, " \t"), rest
		}
	}
}

// mentions reports whether a cookie of the name, or of a longer one, may be in the lines.
func mentions(lines []string, name string) bool {
	for _, line := range lines {
		if strings.Contains(line, name) {
			return true
		}
	}
	return false
}

// setCookie returns the Set-Cookie for what the cookie is to hold; the zero value removes it.
func (s *captureSettings) setCookie(r *http.Request, a attribution, now time.Time) string {
	value, age := "", int64(0)
	if a.code != "" {
		value = a.String()
		lifetime := int64(s.lifetime / time.Second)
		age = min(lifetime, a.at+lifetime-now.Unix())
	}
	domain := s.sharedDomain(r)
	switch {
	case !s.secure(r):
		return cookieLine(s.cookies.base, value, "", age, false)
	case domain != "":
		return cookieLine(s.cookies.secure, value, domain, age, true)
	}
	return cookieLine(s.cookies.host, value, "", age, true)
}

func cookieLine(name, value, domain string, age int64, secure bool) string {
	line := name + "=" + value + "; Path=/; Max-Age=" + strconv.FormatInt(age, 10) + "; HttpOnly; SameSite=Lax"
	if domain != "" {
		line += "; Domain=" + domain
	}
	if secure {
		line += "; Secure"
	}
	return line
}

// hidesCookie reports whether the function Forget does not know the cookie.
func (s *captureSettings) hidesCookie() bool { return s.custom || s.domain != "" }

// forget removes the cookie under each name that it may have.
func (s *captureSettings) forget(w http.ResponseWriter) {
	header := w.Header()
	header.Add("Set-Cookie", cookieLine(s.cookies.host, "", "", 0, true))
	if s.domain != "" {
		header.Add("Set-Cookie", cookieLine(s.cookies.secure, "", s.domain, 0, true))
	}
	header.Add("Set-Cookie", cookieLine(s.cookies.base, "", "", 0, false))
	keepPrivate(header)
}
