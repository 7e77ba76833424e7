package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

// TestStrangerSeesNothing opens a forged and an expired link, and all pages of a partner whose session is in another browser.
func TestStrangerSeesNothing(t *testing.T) {
	for _, as := range []look{{}, {NoScript: true}} {
		t.Run(as.String(), func(t *testing.T) {
			t.Parallel()
			h, jane := newDemo(t)
			link := jane.link(t)
			stranger := newTab(t, as)
			stranger.assertNothing(404, forged(link), "Link unknown")
			for _, place := range jane.places(t) {
				stranger.assertNothing(401, h.URL+place.Path, "You are not signed in")
			}
			for _, place := range h.places(t) {
				stranger.assertNothing(401, h.URL+place.Path, "Sign in to the console")
			}
			require.NoError(t, h.Advance(day))
			stranger.assertNothing(410, link, "Link expired")
		})
	}
}

// forged is a link whose last character is another.
func forged(link string) string {
	last := "A"
	if strings.HasSuffix(link, last) {
		last = "Q"
	}
	return link[:len(link)-1] + last
}

// assertNothing fails the test if an address shows anything of Jane's account, or signs anybody in.
func (v *tab) assertNothing(status int64, address, heading string) {
	v.t.Helper()
	v.openAs(status, address)
	page := v.content()
	assert.Equal(v.t, heading, page.Heading, withoutSecrets(address))
	for _, secret := range []string{"Jane", "JANE20", "acme.example", "$"} {
		assert.NotContains(v.t, page.Text, secret, withoutSecrets(address))
	}
	assert.Empty(v.t, v.cookies(), withoutSecrets(address))
}

func TestConsoleLinkSignsInOnce(t *testing.T) {
	h := newHost(t)
	link, err := h.ConsoleLink(h.App.ID)
	require.NoError(t, err)
	admin, stranger := newTab(t, look{}), newTab(t, look{})
	for _, visitor := range []*tab{admin, stranger} {
		visitor.open(h.URL + link)
	}
	admin.follow(control("Sign in"))
	assert.Equal(t, "This sign-in link has been used", stranger.followTo(410, control("Sign in")).Heading)
	stranger.assertNothing(401, h.URL+"/console", "Sign in to the console")
}

// TestPartnerSeesAndMovesNothingOfAnother opens the pages of another partner, and sends the forms with its ids.
func TestPartnerSeesAndMovesNothingOfAnother(t *testing.T) {
	for _, as := range []look{{}, {NoScript: true}} {
		t.Run(as.String(), func(t *testing.T) {
			t.Parallel()
			assertNothingOfAnother(t, as)
		})
	}
}

func assertNothingOfAnother(t *testing.T, as look) {
	t.Helper()
	h, jane := newDemo(t)
	bob := h.enroll(t, "bob@beta.example", "Bob Fischer", "BOB10")
	person := h.enterPortal(t, as, bob)
	own := make(map[string]bool)
	for _, place := range person.Places {
		own[place.Path] = true
	}
	for _, place := range jane.places(t) {
		if !own[place.Path] {
			person.openAs(404, h.URL+place.Path)
			assert.Equal(t, "There is no such page", person.content().Heading, place.Path)
		}
	}
	for user, err := range jane.Account.Users.All(t.Context(), affiliates.UserFilter{}) {
		require.NoError(t, err)
		for _, form := range []string{"access", "login"} {
			assert.Equal(t, int64(404), person.send("/portal/users/"+user.ID+"/"+form), form)
		}
		for _, list := range []string{"/portal/invoices?user=", "/portal/commissions?user="} {
			person.openAs(404, h.URL+list+user.ID)
			assert.NotContains(t, person.content().Text, user.Email, list)
		}
		now, err := jane.Account.Users.Get(t.Context(), user.ID)
		require.NoError(t, err)
		assert.Equal(t, user.Access, now.Access)
	}

	person.open(jane.link(t))
	assert.Contains(t, person.content().Text, "JANE20", "a link signs in as its partner")
	assert.NotContains(t, person.content().Text, "BOB10")
}

// send sends an empty form from the page that is open, and returns the status of the response.
func (v *tab) send(path string) (status int64) {
	v.t.Helper()
	v.expect(404)
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	const form = `(() => {
		const form = document.createElement("form");
		form.method = "post";
		form.action = %q;
		document.body.append(form);
		form.submit();
	})()`
	response, err := chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(form, path)))
	require.NoError(v.t, err, path)
	return response.Status
}
