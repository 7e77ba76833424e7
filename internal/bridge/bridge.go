// Package bridge lets package stackbe make the services that other packages declare. Their
// constructors take internal types, so an exported constructor would be in every
// importer's documentation, and no importer could use it.
package bridge

import "github.com/stackbe/stackbe-go/internal/transport"

// NewAffiliates makes an *affiliates.Service, an affiliates.Account and an affiliates.Admin. Package
// affiliates sets it when it is initialized; it imports this package, which so cannot name the types.
var NewAffiliates func(*transport.Transport) (service, account, admin any)
