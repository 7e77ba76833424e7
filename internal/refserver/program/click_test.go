package program

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClicksThatExpireTogetherAreDroppedAFewAtATime(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ids := 0
	p := New(Options{
		Now:       func() time.Time { return now },
		NewID:     func(prefix string) string { ids++; return fmt.Sprintf("%s%08d", prefix, ids) },
		PortalKey: []byte("key"),
		SiteURL:   "https://yoursite.com",
	})
	application, err := p.Apply(ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	_, err = p.Approve(application.ID, "JANE20")
	require.NoError(t, err)
	track := func() Click {
		click, err := p.TrackClick(ClickParams{Code: "JANE20"})
		require.NoError(t, err)
		return click
	}

	var expired Click
	for range 1000 {
		expired = track()
	}
	now = now.Add(p.Settings().cookieDuration())
	for range 400 {
		before := len(p.clicks)
		track()
		assert.GreaterOrEqual(t, len(p.clicks), before+1-4, "no click waits for many")
		assert.Nil(t, p.affiliateOfClick(expired.ID, now), "a click that is still there has expired all the same")
	}
	assert.Len(t, p.clicks, 400, "those that have expired are gone")
	assert.Equal(t, 400, p.clickExpiry.Len())
}
