package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
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
		{Name: "an unknown link to the console", Path: "/console/sign-in/unknown", Status: 404},
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

	assertConsoleForms(t, h, admin)

	require.NoError(t, h.Advance(day))
	stranger.openAs(410, link)
	stranger.assertPage("an expired link")
}

// assertConsoleForms checks the forms of the console with problems, and the pages of its links.
func assertConsoleForms(t *testing.T, h *host, admin walk) {
	t.Helper()
	admin.open(h.URL + "/console/settings")
	admin.fill(field("Commission rate"), "101")
	admin.fill(field("Minimum payout"), "a lot")
	admin.followTo(422, control("Save the settings"))
	admin.assertPage("settings with problems")
	admin.open(h.URL + "/console/webhooks")
	admin.fill(field("URL"), "ftp://receiver.example")
	admin.fill(field("Signing secret"), "short")
	admin.followTo(422, control("Add the webhook"))
	admin.assertPage("a webhook with problems")

	admin.open(h.URL + "/console/applications")
	admin.follow(control("Zoë Martin"))
	for application, err := range h.Admin.Affiliates.Applications(t.Context(), affiliates.ApplicationFilter{Status: affiliates.ApplicationPending}) {
		require.NoError(t, err)
		_, err := h.Admin.Affiliates.Reject(t.Context(), application.ID, affiliates.RejectParams{Reason: "Not now"})
		require.NoError(t, err)
	}
	admin.fill(field("Reason"), "Another reason")
	entered := admin.followTo(409, control("Reject"))
	assert.Contains(t, entered.Text, "What you entered")
	admin.assertPage("a second review")

	link, err := h.ConsoleLink(h.App.ID)
	require.NoError(t, err)
	visitor := newTab(t, look{})
	visitor.open(h.URL + link)
	visitor.assertPage("a link to the console")
	visitor.follow(control("Sign in"))
	visitor.openAs(410, h.URL+link)
	visitor.assertPage("a used link to the console")
	visitor.open(h.URL + "/console")
	visitor.follow(control("Sign out"))
	visitor.assertPage("signed out of the console")
}

// TestRefusalOfFormIsAccessible checks the pages of forms that the pages do not offer, as of a page that is stale.
func TestRefusalOfFormIsAccessible(t *testing.T) {
	axe(t)
	h, jane := newDemo(t)
	bob := h.enroll(t, "bob@beta.example", "Bob Fischer", "BOB10")
	person, poor := h.enterPortal(t, look{}, jane), h.enterPortal(t, look{}, bob)
	poor.open(h.URL + "/portal/payouts")
	poor.expect(422)
	assert.Equal(t, int64(422), poor.send("/portal/payouts"))
	poor.assertPage("a payout of too little")

	person.open(h.URL + "/portal/invoices")
	person.follow(control("Next page"))
	person.assertPage("the second page of a list")
	person.expect(409)
	person.send("/portal/payouts")
	assert.Equal(t, int64(409), person.send("/portal/payouts"))
	person.assertPage("a second payout")
	person.expect(405)
	assert.Equal(t, int64(405), person.send("/portal/users"))
	person.assertPage("a page that is not a form")
	refused := false
	for user, err := range jane.Account.Users.All(t.Context(), affiliates.UserFilter{}) {
		require.NoError(t, err)
		if user.Access == affiliates.AccessNone {
			person.open(h.URL + "/portal/users/" + user.ID)
			person.expect(403)
			assert.Equal(t, int64(403), person.send("/portal/users/"+user.ID+"/login"))
			person.assertPage("a login without access")
			refused = true
			break
		}
	}
	require.True(t, refused, "the demo has a user without access")
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
