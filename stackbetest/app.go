package stackbetest

import (
	"net/http"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
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

// CustomerParams describes a sign-up. Email is required.
type CustomerParams struct {
	Email string
	Name  string
	// ReferralCode and ClickID say where the customer comes from. If they are unknown or
	// expired, the customer has no partner.
	ReferralCode string
	ClickID      string
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
		HTTPClient: &http.Client{Transport: a.server.transport},
	}
}

// Client returns a client of [App.Config].
func (a App) Client() *stackbe.Client {
	a.server.t.Helper()
	client, err := stackbe.New(a.Config())
	if err != nil {
		a.server.t.Fatalf("stackbetest: Client: %v", err)
	}
	return client
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

// CreateCustomer signs a customer up, and attributes it to a partner as docs/contract.md says.
// An invalid email, or the email of an existing customer, fails the test.
func (a App) CreateCustomer(params CustomerParams) (customerID string) {
	a.server.t.Helper()
	customer, err := a.program.CreateCustomer(program.CustomerParams(params))
	if err != nil {
		a.server.t.Fatalf("stackbetest: CreateCustomer: %v", err)
	}
	return customer.ID
}

// RecordPayment books a payment of a customer as a paid invoice without a subscription, which
// earns the customer's partner a commission. An unknown customer fails the test, and so does an
// amount that is not above zero, has fractions of a cent, or is above 100,000,000,000.00.
func (a App) RecordPayment(customerID string, amount affiliates.Money) {
	a.server.t.Helper()
	cents, ok := amount.Cents()
	if !ok {
		a.server.t.Fatalf("stackbetest: RecordPayment: %s is not a whole number of cents in range", amount)
	}
	if _, err := a.program.RecordPayment(customerID, program.Cents(cents)); err != nil {
		a.server.t.Fatalf("stackbetest: RecordPayment: %v", err)
	}
}
