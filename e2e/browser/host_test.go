package browser

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/demo"
)

// today is when the reference server's clock starts.
var today = time.Date(2026, 5, 14, 15, 20, 0, 0, time.UTC)

// A host is a reference server with one app, whose clock stands still unless it is advanced.
type host struct {
	*refserver.Server
	App    refserver.App
	URL    string
	Client *stackbe.Client // with the app's key
	Admin  *stackbe.Client
}

// newHost starts a server whose app has no records.
func newHost(t testing.TB) *host {
	t.Helper()
	server := refserver.New(refserver.Config{Now: func() time.Time { return today }, Seed: "browser"})
	t.Cleanup(server.Close)
	app, err := server.AddApp(refserver.AppParams{ID: "app_browser"})
	require.NoError(t, err)
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	client, err := stackbe.New(stackbe.Config{APIKey: app.APIKey, AppID: app.ID, BaseURL: listener.URL})
	require.NoError(t, err)
	return &host{Server: server, App: app, URL: listener.URL, Client: client, Admin: client.AsAdmin(app.AdminToken)}
}

// newDemo starts a server whose app has the history of the demo, and returns its partner as well.
func newDemo(t testing.TB) (*host, partner) {
	t.Helper()
	h := newHost(t)
	played, err := demo.Play(h.Server, h.App.ID)
	require.NoError(t, err)
	return h, h.partner(t, played.CustomerID)
}

// A partner is a customer who is one, with a client of its own.
type partner struct {
	*stackbe.Client
	CustomerID string
}

func (h *host) partner(t testing.TB, customerID string) partner {
	t.Helper()
	token, err := h.SessionToken(h.App.ID, customerID)
	require.NoError(t, err)
	return partner{h.Client.AsCustomer(token), customerID}
}

// enroll makes a partner of a new applicant.
func (h *host) enroll(t testing.TB, email, name, code string) partner {
	t.Helper()
	review, err := fixture.Enroll(t.Context(), h.Admin, affiliates.ApplyParams{Email: email, Name: name}, code)
	require.NoError(t, err)
	return h.partner(t, review.Affiliate.CustomerID)
}

// link is a new link to the portal of a partner.
func (p partner) link(t testing.TB) string {
	t.Helper()
	link, err := p.Affiliates.GetPortalLink(t.Context())
	require.NoError(t, err)
	return link.URL
}
