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

// attended is a partner and its user.
func attended(t testing.TB) (f fixture, jane program.Affiliate, lee program.Customer) {
	f = newFixture()
	jane = f.enroll(t, "jane@acme.com", "JANE")
	return f, jane, f.signUp(t, program.CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
}

func TestAccessSteps(t *testing.T) {
	grant, decline, withdraw := program.GrantAccess, program.DeclineAccess, program.WithdrawAccess
	for name, c := range map[string]struct {
		steps    []program.AccessAction
		status   program.AccessStatus
		refused  []program.AccessAction
		askAgain bool
	}{
		"requested": {nil, program.AccessRequested, []program.AccessAction{withdraw}, false},
		"granted":   {[]program.AccessAction{grant}, program.AccessGranted, []program.AccessAction{grant, decline}, false},
		"declined":  {[]program.AccessAction{decline}, program.AccessDeclined, []program.AccessAction{grant, decline, withdraw}, true},
		"withdrawn": {[]program.AccessAction{grant, withdraw}, program.AccessWithdrawn, []program.AccessAction{grant, decline, withdraw}, true},
	} {
		t.Run(name, func(t *testing.T) {
			f, jane, lee := attended(t)
			access, err := f.RequestAccess(jane.CustomerID, lee.ID)
			require.NoError(t, err)
			assert.Zero(t, access.DecidedAt)
			for _, action := range c.steps {
				f.clock.Advance(time.Hour)
				access, err = f.DecideAccess(lee.ID, access.ID, action)
				require.NoError(t, err)
				assert.Equal(t, f.clock.Now(), access.DecidedAt)
			}
			assert.Equal(t, c.status, access.Status)
			for _, action := range c.refused {
				_, err := f.DecideAccess(lee.ID, access.ID, action)
				requireConflict(t, err)
			}
			again, err := f.RequestAccess(jane.CustomerID, lee.ID)
			if !c.askAgain {
				requireConflict(t, err)
				return
			}
			require.NoError(t, err)
			assert.NotEqual(t, access.ID, again.ID)
			user, err := f.User(jane.CustomerID, lee.ID)
			require.NoError(t, err)
			assert.Equal(t, program.AccessRequested, user.Access)
			for _, action := range c.refused {
				_, err := f.DecideAccess(lee.ID, access.ID, action)
				requireConflict(t, err)
			}
		})
	}
}

func TestLoginLink(t *testing.T) {
	granted := func(t *testing.T) (f fixture, jane program.Affiliate, lee program.Customer, accessID string) {
		f, jane, lee = attended(t)
		access, err := f.RequestAccess(jane.CustomerID, lee.ID)
		require.NoError(t, err)
		_, err = f.DecideAccess(lee.ID, access.ID, program.GrantAccess)
		require.NoError(t, err)
		return f, jane, lee, access.ID
	}

	t.Run("opens the user's account for ten minutes, and then has expired", func(t *testing.T) {
		f, jane, lee, _ := granted(t)
		link, err := f.LogInAs(jane.CustomerID, lee.ID)
		require.NoError(t, err)
		assert.Equal(t, start.Add(10*time.Minute), link.ExpiresAt)
		f.clock.Advance(10*time.Minute - time.Nanosecond)
		login, err := f.OpenLogin(link.Token)
		require.NoError(t, err)
		assert.Equal(t, jane.ID, login.Partner.ID)
		assert.Equal(t, "jane@acme.com", login.Email)
		assert.Equal(t, lee.ID, login.User.ID)
		assert.Equal(t, link.ExpiresAt, login.ExpiresAt)
		f.clock.Advance(time.Nanosecond)
		_, err = f.OpenLogin(link.Token)
		var expired *program.Expired
		require.ErrorAs(t, err, &expired)
	})

	t.Run("is refused after a withdrawal, even if access is granted again", func(t *testing.T) {
		f, jane, lee, accessID := granted(t)
		link, err := f.LogInAs(jane.CustomerID, lee.ID)
		require.NoError(t, err)
		_, err = f.DecideAccess(lee.ID, accessID, program.WithdrawAccess)
		require.NoError(t, err)
		_, err = f.OpenLogin(link.Token)
		requireForbidden(t, program.ErrorCodeAccessNotGranted, err)
		_, err = f.LogInAs(jane.CustomerID, lee.ID)
		requireForbidden(t, program.ErrorCodeAccessNotGranted, err)
		again, err := f.RequestAccess(jane.CustomerID, lee.ID)
		require.NoError(t, err)
		_, err = f.DecideAccess(lee.ID, again.ID, program.GrantAccess)
		require.NoError(t, err)
		_, err = f.OpenLogin(link.Token)
		requireForbidden(t, program.ErrorCodeAccessNotGranted, err)
	})

	t.Run("is valid only for its app and purpose, and only unchanged", func(t *testing.T) {
		f, jane, lee, _ := granted(t)
		link, err := f.LogInAs(jane.CustomerID, lee.ID)
		require.NoError(t, err)
		portal, err := f.PortalLink(jane.CustomerID)
		require.NoError(t, err)
		assert.True(t, program.IsLogin(link.Token))
		assert.False(t, program.IsLogin(portal.Token))
		assert.Equal(t, "app_test", program.PortalApp(link.Token))

		encoded, ok := strings.CutPrefix(link.Token, "app_test.login.")
		require.True(t, ok)
		_, portalEncoded, _ := strings.Cut(portal.Token, ".")
		raw, err := base64.RawURLEncoding.DecodeString(encoded)
		require.NoError(t, err)
		for i := range raw {
			raw[i] ^= 1
			_, err := f.OpenLogin("app_test.login." + base64.RawURLEncoding.EncodeToString(raw))
			requireNotFound(t, err)
			raw[i] ^= 1
		}
		for _, token := range []string{"", "app_test.login.", "app_tesu.login." + encoded, "app_test." + encoded, "app_test.login." + portalEncoded, link.Token + "A", portal.Token} {
			_, err := f.OpenLogin(token)
			requireNotFound(t, err)
		}
		for _, token := range []string{link.Token, "app_test." + encoded} {
			_, err := f.OpenPortal(token)
			requireNotFound(t, err)
		}
	})
}

func TestPortalLinkIsNotALoginLink(t *testing.T) {
	f, jane, lee := attended(t)
	access, err := f.RequestAccess(jane.CustomerID, lee.ID)
	require.NoError(t, err)
	_, err = f.DecideAccess(lee.ID, access.ID, program.GrantAccess)
	require.NoError(t, err)
	// A document may give a partner's customer the id of an access.
	document := f.Document()
	for _, customer := range document.Customers {
		if customer.ID == jane.CustomerID {
			customer.ID = access.ID
		}
	}
	document.Partners[0].CustomerID = access.ID
	state, err := f.Read(document, seed, f.clock.Now())
	require.NoError(t, err)
	f.Restore(state)
	link, err := f.PortalLink(access.ID)
	require.NoError(t, err)
	_, err = f.OpenLogin(strings.Replace(link.Token, "app_test.", "app_test.login.", 1))
	requireNotFound(t, err)
}
