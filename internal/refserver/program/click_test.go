package program

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

func TestExpiredClicksAreDropped(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := New(Options{AppID: "app", Now: func() time.Time { return now }, IDs: ids.New("seed", "app", nil), PortalKey: "key"})
	application, err := p.Apply(ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	_, err = p.Approve(application.ID, "JANE20")
	require.NoError(t, err)
	for day := range 100 {
		_, err := p.TrackClick(ClickParams{Code: "JANE20"})
		require.NoError(t, err)
		assert.Equal(t, min(day+1, 30), p.state.clicks.len())
		assert.Len(t, p.state.clicks.rows, p.state.clicks.len())
		assert.Equal(t, p.state.clicks.len(), p.state.schedule.Len())
		now = now.Add(24 * time.Hour)
	}
}
