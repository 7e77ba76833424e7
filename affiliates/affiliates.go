// Package affiliates is the typed client of StackBE's partner program.
//
// A [Service] comes from stackbe.Client.Affiliates, an [Account] from
// stackbe.Client.Account, and an [Admin] from stackbe.Client.Admin. Each method names
// the endpoint behind it and the credential that it takes:
//
//   - key: stackbe.Config.APIKey
//   - session: the customer's session token, given to stackbe.Client.AsCustomer
//   - admin: the admin's JWT, given to stackbe.Client.AsAdmin
//
// A method without its credential returns stackbe.ErrNoAPIKey, ErrNoSession or
// ErrNoAdminToken. Invalid arguments return a stackbe.ArgumentError.
// Both come before any I/O. Every other failure is a stackbe.Error; a method that writes
// CSV also returns the errors of its context and of its writer as they are.
//
// The mark "StackBE:" means that StackBE documents it; "Contract:", that this project
// decided it because StackBE documents nothing. All types of [Account] and [Admin] are
// Contract, though only their calls have the mark.
//
// String types such as [ApplicationStatus] are open: a value that this package
// does not know is kept. Fields that it does not know are in Raw, in UTF-8. Times
// keep the zone in which the server sends them, UTC for StackBE, and are zero where
// it sends none, null or an empty string. Null is read as the zero value of a field,
// and as an empty list. A response of another shape returns an error matching
// stackbe.ErrInvalidResponse, whose text names the field. The types of responses are
// for reading: to pass one on as JSON, use Raw or a type of your own.
package affiliates

import (
	"github.com/stackbe/stackbe-go/internal/bridge"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// Service makes the calls of the partner program. It comes from
// stackbe.Client.Affiliates, and is immutable and safe for concurrent use. The calls of
// any other Service return stackbe.ErrNoClient.
type Service struct {
	transport *transport.Transport
}

func init() {
	bridge.NewAffiliates = func(t *transport.Transport) (service, account, admin any) {
		s := &Service{transport: t}
		return s, newAccount(s), newAdmin(s)
	}
}
