package directory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/ids"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

const day = 24 * time.Hour

// newApp is an app with a customer that is signed in.
func newApp(t *testing.T, id string, now func() time.Time) (app directory.App, customerID, session string) {
	t.Helper()
	app = directory.App{ID: id, APIKey: "key_" + id, AdminToken: "admin_" + id, Program: program.New(program.Options{
		AppID: id, Now: now, IDs: ids.New("seed", id, nil), PortalKey: "key",
	})}
	customer, err := app.Program.CreateCustomer(program.CustomerParams{Email: "jane@acme.com"})
	require.NoError(t, err)
	signedIn, err := app.Program.SignIn(customer.ID)
	require.NoError(t, err)
	return app, customer.ID, signedIn.Token
}

func TestCredentials(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	one, customer, session := newApp(t, "app_one", clock)
	two, _, _ := newApp(t, "app-two", clock)
	apps := directory.New()
	require.NoError(t, apps.AddApp(one))
	require.NoError(t, apps.AddApp(two))
	expect := func(token string, want directory.Credential, wantErr error) {
		t.Helper()
		got, err := apps.Find(token)
		assert.ErrorIs(t, err, wantErr)
		assert.Equal(t, want, got)
	}

	expect("key_app_one", directory.Credential{Kind: directory.APIKey, AppID: "app_one"}, nil)
	expect("admin_app-two", directory.Credential{Kind: directory.Admin, AppID: "app-two"}, nil)
	signedIn := directory.Credential{Kind: directory.Session, AppID: "app_one", CustomerID: customer}
	expect(session, signedIn, nil)
	for _, unknown := range []string{"", "sess_", "sess_x", session + "a", session[:len(session)-1], "key_app_on"} {
		expect(unknown, directory.Credential{}, directory.ErrUnknown)
	}

	now = now.Add(90*day - 1)
	expect(session, signedIn, nil)
	now = now.Add(1)
	expect(session, directory.Credential{}, directory.ErrExpired)
	now = now.Add(30*day - 1)
	expect(session, directory.Credential{}, directory.ErrExpired)
	now = now.Add(1)
	expect(session, directory.Credential{}, directory.ErrUnknown)
}

func TestSessionOfOneAppIsUnknownToOthers(t *testing.T) {
	clock := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	_, _, session := newApp(t, "app_one", clock)
	two, _, _ := newApp(t, "app_two", clock)
	apps := directory.New()
	require.NoError(t, apps.AddApp(two))
	_, err := apps.Find(session)
	assert.ErrorIs(t, err, directory.ErrUnknown)
}

func TestAddAppRefusesSharedIDAndCredentials(t *testing.T) {
	one, _, _ := newApp(t, "app_one", time.Now)
	for name, second := range map[string]directory.App{
		"id":          {ID: "app_one", APIKey: "k", AdminToken: "a"},
		"API key":     {ID: "app_two", APIKey: "key_app_one", AdminToken: "a"},
		"admin token": {ID: "app_two", APIKey: "k", AdminToken: "admin_app_one"},
	} {
		apps := directory.New()
		require.NoError(t, apps.AddApp(one))
		assert.ErrorContains(t, apps.AddApp(second), name)
	}
}
