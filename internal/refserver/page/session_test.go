package page_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
)

// A desk signs people in, at a time that the test sets.
type desk struct {
	*page.Sessions[string]
	now time.Time
}

func newDesk() *desk {
	d := &desk{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	d.Sessions = page.NewSessions[string](page.SessionConfig{
		Cookie: "desk", Path: "/desk", Life: 24 * time.Hour, Now: func() time.Time { return d.now },
	})
	return d
}

// signIn starts a session for the browser that has the cookies.
func (d *desk) signIn(who string, secure bool, cookies ...*http.Cookie) *http.Cookie {
	w := httptest.NewRecorder()
	d.Start(w, withCookies("GET", cookies...), who, who, secure)
	return w.Result().Cookies()[0]
}

func withCookies(method string, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(method, "/desk", nil)
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	return r
}

func (d *desk) knows(t *testing.T, who string, cookie *http.Cookie) bool {
	t.Helper()
	found, ok := d.Find(withCookies("GET", cookie))
	if ok {
		assert.Equal(t, who, found)
	}
	return ok
}

func TestSessionCookieIsOutOfReach(t *testing.T) {
	d := newDesk()
	for _, secure := range []bool{false, true} {
		cookie := d.signIn("jane", secure)
		assert.True(t, cookie.HttpOnly)
		assert.Equal(t, secure, cookie.Secure)
		assert.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
		assert.Equal(t, "/desk", cookie.Path)
		assert.GreaterOrEqual(t, len(cookie.Value), 26)
	}
}

func TestSessionEndsWithItsTime(t *testing.T) {
	d := newDesk()
	cookie := d.signIn("jane", false)
	d.now = d.now.Add(24*time.Hour - 1)
	assert.True(t, d.knows(t, "jane", cookie))
	d.now = d.now.Add(1)
	assert.False(t, d.knows(t, "jane", cookie))
}

func TestSessionEndsWithSignOut(t *testing.T) {
	d := newDesk()
	cookie, other := d.signIn("jane", false), d.signIn("jane", false)
	w := httptest.NewRecorder()
	d.End(w, withCookies("POST", cookie))
	assert.False(t, d.knows(t, "jane", cookie))
	assert.True(t, d.knows(t, "jane", other))
	assert.Negative(t, w.Result().Cookies()[0].MaxAge)
}

func TestSessionsAreReplacedBySignIn(t *testing.T) {
	d := newDesk()
	first := d.signIn("jane", false)
	second := d.signIn("rick", false, first)
	assert.False(t, d.knows(t, "jane", first))
	assert.True(t, d.knows(t, "rick", second))
}

func TestSessionsOfOneSubjectAreBounded(t *testing.T) {
	d := newDesk()
	rick := d.signIn("rick", false)
	first := d.signIn("jane", false)
	for range 19 {
		d.signIn("jane", false)
	}
	assert.True(t, d.knows(t, "jane", first))
	d.signIn("jane", false)
	assert.False(t, d.knows(t, "jane", first), "the oldest makes room")
	assert.True(t, d.knows(t, "rick", rick), "another's session stays")
}

func TestForgedCookieSignsNobodyIn(t *testing.T) {
	d := newDesk()
	cookie := d.signIn("jane", false)
	for _, value := range []string{"", "x", cookie.Value + "A", cookie.Value[1:], strings.ToLower(cookie.Value), strings.Repeat("A", 10_000)} {
		assert.False(t, d.knows(t, "jane", &http.Cookie{Name: "desk", Value: value}))
	}
	assert.False(t, d.knows(t, "jane", &http.Cookie{Name: "other", Value: cookie.Value}))
}

func TestClearEndsAllSessions(t *testing.T) {
	d := newDesk()
	cookie := d.signIn("jane", false)
	d.Clear()
	assert.False(t, d.knows(t, "jane", cookie))
}

func TestFlashIsShownOnce(t *testing.T) {
	d := newDesk()
	cookie, other := d.signIn("jane", false), d.signIn("jane", false)
	d.SetFlash(withCookies("POST", cookie), page.Flash{Kind: "success", Text: "Saved"})
	assert.Nil(t, d.TakeFlash(withCookies("GET", other)))
	assert.Nil(t, d.TakeFlash(withCookies("HEAD", cookie)))
	require.NotNil(t, d.TakeFlash(withCookies("GET", cookie)))
	assert.Nil(t, d.TakeFlash(withCookies("GET", cookie)))
}
