package affiliates_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReferralLinkSetsCookieAndTracksClick(t *testing.T) {
	settled(t, func(t *testing.T) {
		visitor := newSite(t).visitor()
		landing := visitor.open("/pricing?ref=jane20")
		assert.Equal(t, "JANE20", landing.body, "on the page itself")
		assert.Regexp(t, `^__Host-stackbe_ref=1\.JANE20\.[0-9a-z]+\.q\.[A-Z2-7]{26}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$`, landing.cookie())
		wait()
		assert.Equal(t, []string{"JANE20"}, visitor.api.tracked())
		assert.Equal(t, "JANE20 click_a", visitor.send("POST", "/sign-up").body)
	})
}
