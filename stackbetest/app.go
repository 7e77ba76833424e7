package stackbetest

import (
	"net/http"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// An App is one app of a [Server], with a partner program and credentials of its own. A Server
// begins with one. [Server.AddApp] makes others, to test that apps are separate.
type App struct {
	AppID      string
	APIKey     string
	AdminToken string

	server  *Server
	program *program.Program
}

// AddApp makes another app.
func (s *Server) AddApp() App {
	s.t.Helper()
	app, err := s.reference.AddApp(refserver.AppParams{})
	if err != nil {
		s.t.Fatalf("stackbetest: AddApp: %v", err)
	}
	return s.newApp(app)
}

func (s *Server) newApp(app refserver.App) App {
	return App{
		AppID:      app.ID,
		APIKey:     app.APIKey,
		AdminToken: app.AdminToken,
		server:     s,
		program:    app.Program,
	}
}

// Config returns the configuration of [App.Client], for the caller to change: the app's key and
// id, the server's URL, and an http.Client whose connections end with the server.
func (a App) Config() stackbe.Config {
	return stackbe.Config{
		APIKey:     a.APIKey,
		AppID:      a.AppID,
		BaseURL:    a.server.URL,
		Contract:   a.server.contract,
		HTTPClient: &http.Client{Transport: a.server.transport()},
	}
}

func (s *Server) transport() http.RoundTripper {
	if s.listening == nil {
		return s.direct
	}
	return s.listening.transport
}

// Client returns a client of [App.Config]. It has the app's API key.
func (a App) Client() *stackbe.Client {
	a.server.t.Helper()
	client, err := stackbe.New(a.Config())
	if err != nil {
		a.server.t.Fatalf("stackbetest: Client: %v", err)
	}
	return client
}

// AdminClient returns a client of the app's administrator.
func (a App) AdminClient() *stackbe.Client {
	a.server.t.Helper()
	return a.Client().AsAdmin(a.AdminToken)
}

// CustomerClient signs a customer in, as [App.SessionToken] does, and returns its client.
func (a App) CustomerClient(customerID string) *stackbe.Client {
	a.server.t.Helper()
	return a.Client().AsCustomer(a.SessionToken(customerID))
}

// SessionToken signs a customer in, for [stackbe.Client.AsCustomer]; the token is valid for 90
// days. A customer of another app fails the test, and so does an unknown one.
func (a App) SessionToken(customerID string) string {
	a.server.t.Helper()
	token, err := a.server.reference.SessionToken(a.AppID, customerID)
	if err != nil {
		a.server.t.Fatalf("stackbetest: SessionToken: %v", err)
	}
	return token
}
