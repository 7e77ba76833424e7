package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryPageIsAccessible opens each page, with and without records behind it, and checks it with axe-core in light and in
// dark, on the desktop and on the phone; with the keyboard alone; and on paper.
func TestEveryPageIsAccessible(t *testing.T) {
	axe(t)
	full, jane := newDemo(t)
	full.addWebhooks(t)
	empty := newHost(t)
	bob := empty.enroll(t, "bob@beta.example", "Bob Fischer", "BOB10")
	for name, enter := range map[string]func(*testing.T) walk{
		"portal":                  func(t *testing.T) walk { return full.enterPortal(t, look{}, jane) },
		"console":                 func(t *testing.T) walk { return full.enterConsole(t, look{}) },
		"portal of a new partner": func(t *testing.T) walk { return empty.enterPortal(t, look{}, bob) },
		"console of a new app":    func(t *testing.T) walk { return empty.enterConsole(t, look{}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person := enter(t)
			person.each(func(at place) { person.assertPage(at.Name) })
		})
	}
}

// TestPageForStrangerOrOfRefusalIsAccessible checks the pages that nobody is signed in at, and those that say what is wrong.
func TestPageForStrangerOrOfRefusalIsAccessible(t *testing.T) {
	axe(t)
	h, jane := newDemo(t)
	link := jane.link(t)

	stranger := newTab(t, look{})
	for _, at := range []place{
		{Name: "a forged link", Path: strings.TrimPrefix(forged(link), h.URL), Status: 404},
		{Name: "the portal without a session", Path: "/portal", Status: 401},
		{Name: "the form to sign in to the console", Path: "/console/sign-in", Status: 200},
		{Name: "a used link to the console", Path: "/console/sign-in/unknown", Status: 404},
	} {
		stranger.openAs(at.Status, h.URL+at.Path)
		stranger.assertPage(at.Name)
	}

	person := h.enterPortal(t, look{}, jane)
	person.open(h.URL + "/portal/create-sub-account")
	person.fill(field("Client's email"), "not an email")
	person.followTo(422, control("Create sub account"))
	person.assertPage("a form with a problem")
	person.open(h.URL + "/portal/users")
	person.follow(control("Bob Fischer"))
	person.follow(control("Login as user"))
	person.assertPage("the account of a user")
	person.follow(control("Back to the portal"))
	person.follow(control("Sign out"))
	person.assertPage("signed out")

	admin := h.enterConsole(t, look{})
	admin.open(h.URL + "/console/applications")
	admin.follow(control("Zoë Martin"))
	admin.fill(field("Referral code"), "JANE20")
	admin.followTo(409, control("Approve"))
	admin.assertPage("a code in use")

	require.NoError(t, h.Advance(day))
	stranger.openAs(410, link)
	stranger.assertPage("an expired link")
}

// between are the widths of windows between the desktop's and the phone's, in pixels.
var between = []int{800, 1024}

// assertPage fails the test if the page that is open cannot be used by everybody.
func (v *tab) assertPage(name string) {
	v.t.Helper()
	for _, as := range looks {
		v.appear(as)
		v.assertAccessible(name + ", " + as.String())
		v.assertNothingOverflows(name + ", " + as.String())
	}
	for _, width := range between {
		v.appear(look{Width: width})
		v.assertAccessible(fmt.Sprintf("%s, %d pixels wide", name, width))
		v.assertNothingOverflows(fmt.Sprintf("%s, %d pixels wide", name, width))
	}
	v.appear(look{})
	v.assertKeyboard(name)
	v.assertPrints(name)
}
