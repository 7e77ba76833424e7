// Package conformance holds a server to docs/contract.md: the reference server, or a live API.
//
// It calls the server as a program does, through the SDK, and sends by hand what the SDK cannot:
// missing credentials, malformed bodies, unknown routes. Each case says whether its source is
// StackBE's documentation or a decision of this project, so that a live API can be tested against
// the former only.
//
// Everything that it creates can be found again: emails are conformance+…@stackbe-go.example and
// names are "stackbe-go conformance". The API has no way to delete it, so a live target should be
// an app that is there for testing.
package conformance

import (
	"net/http"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// A Target is the server to test, with the credentials to call it. Only BaseURL is required:
// cases whose credential is missing are skipped.
type Target struct {
	BaseURL    string
	APIKey     string
	AppID      string
	AdminToken string

	// Session is that of a partner, for the cases that need one and have no Control to make
	// one with.
	Session Session

	// Foreign is another app of the same server, to test that apps are separate.
	Foreign Foreign

	// Control does what the API does not offer; nil for a live API.
	Control *Control

	// Contract is the contract that the server follows, as in stackbe.Config; the default if
	// zero.
	Contract stackbe.Contract

	// HTTPClient sends all requests; http.DefaultClient's settings if nil. It is copied, and
	// its redirects are not followed. Without a timeout, a request may take 30 seconds.
	HTTPClient *http.Client

	// Change runs the cases that change the settings of the app, refund and pay out as well. A
	// target with a Control is there for that.
	Change bool

	// Scope selects the cases; all of them by default.
	Scope Scope

	// Complete fails the cases that would be skipped for something that is missing.
	Complete bool
}

// A Session is a customer who is signed in.
type Session struct {
	Token      string
	CustomerID string
}

// Foreign is another app.
type Foreign struct {
	AppID      string
	APIKey     string
	AdminToken string
}

// Control controls a test server in ways that the API does not offer.
type Control struct {
	// CreateCustomer signs a customer up.
	CreateCustomer func(Customer) (customerID string)
	// SessionToken signs a customer in.
	SessionToken func(customerID string) string
	// RecordPayment books a payment of a customer.
	RecordPayment func(customerID string, amount affiliates.Money)
	// Advance moves the server's time on.
	Advance func(time.Duration)
}

// A Customer describes a sign-up.
type Customer struct {
	Email        string
	Name         string
	ReferralCode string
	ClickID      string
}

// Scope says which cases are run.
type Scope string

// The scopes.
const (
	// All runs every case.
	All Scope = ""
	// Documented runs only what StackBE's public documentation states.
	Documented Scope = "documented"
)

// Run tests target against the contract, with a subtest for each case. If the target has a Control,
// the cases of a subject run in parallel. Cases that change the settings of the app, or its clock,
// run alone, and restore what they can.
func Run(t *testing.T, target Target) {
	runGroups(t, newSuite(t, target), groups())
}

func runGroups(t *testing.T, s *suite, groups []group) {
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) { s.run(t, c) })
			}
		})
	}
}
