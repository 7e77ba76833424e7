package program_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestPortalLinks(t *testing.T) {
	t.Run("a link opens the partner's portal for 24 hours, and then has expired", func(t *testing.T) {
		f := newFixture()
		jane := f.enroll(t, "jane@acme.com", "JANE")
		link, err := f.PortalLink(jane.CustomerID)
		require.NoError(t, err)
		assert.Equal(t, start.Add(day), link.ExpiresAt)

		f.clock.Advance(day - time.Nanosecond)
		dashboard, err := f.OpenPortal(link.Token)
		require.NoError(t, err)
		assert.Equal(t, jane.ID, dashboard.Affiliate.ID)
		f.clock.Advance(time.Nanosecond)
		_, err = f.OpenPortal(link.Token)
		var expired *program.Expired
		require.ErrorAs(t, err, &expired)
		assert.NotEmpty(t, err.Error())
	})

	t.Run("a new link does not end an earlier one", func(t *testing.T) {
		f := newFixture()
		jane := f.enroll(t, "jane@acme.com", "JANE")
		earlier, err := f.PortalLink(jane.CustomerID)
		require.NoError(t, err)
		f.clock.Advance(time.Hour)
		later, err := f.PortalLink(jane.CustomerID)
		require.NoError(t, err)
		assert.NotEqual(t, earlier.Token, later.Token)
		for _, link := range []program.PortalLink{earlier, later} {
			_, err := f.OpenPortal(link.Token)
			assert.NoError(t, err)
		}
	})

	t.Run("a customer that is not a partner has no portal", func(t *testing.T) {
		f := newFixture()
		customer := f.signUp(t, program.CustomerParams{Email: "c@example.com"})
		_, err := f.PortalLink(customer.ID)
		requireNotFound(t, err)
	})

	t.Run("a changed token opens nothing", func(t *testing.T) {
		f := newFixture()
		link, err := f.PortalLink(f.enroll(t, "jane@acme.com", "JANE").CustomerID)
		require.NoError(t, err)
		app, encoded, _ := strings.Cut(link.Token, ".")
		assert.Equal(t, "app_test", app)
		assert.Equal(t, app, program.PortalApp(link.Token))
		raw, err := base64.RawURLEncoding.DecodeString(encoded)
		require.NoError(t, err)
		for i := range raw {
			raw[i] ^= 1
			_, err := f.OpenPortal(app + "." + base64.RawURLEncoding.EncodeToString(raw))
			requireNotFound(t, err)
			raw[i] ^= 1
		}
		for _, token := range []string{"", "x", "!!!", link.Token + "A", link.Token[:20], "app_tesu." + encoded, encoded, "." + encoded, app + "." + link.Token} {
			_, err := f.OpenPortal(token)
			requireNotFound(t, err)
		}
	})

	t.Run("a link lasts for 24 hours in every year", func(t *testing.T) {
		for _, year := range []int{1, 1677, 1969, 1970, 2038, 2106, 2262, 2263, 2500, 9998} {
			f := newFixture()
			f.clock.now = time.Date(year, 4, 12, 0, 0, 0, 999_999_999, time.UTC)
			jane := f.enroll(t, "jane@acme.com", "JANE")
			link, err := f.PortalLink(jane.CustomerID)
			require.NoError(t, err)
			f.clock.Advance(day - time.Nanosecond)
			_, err = f.OpenPortal(link.Token)
			assert.NoError(t, err, year)
			f.clock.Advance(time.Nanosecond)
			_, err = f.OpenPortal(link.Token)
			var expired *program.Expired
			assert.ErrorAs(t, err, &expired, year)
		}
	})
}
