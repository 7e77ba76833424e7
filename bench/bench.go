// Package bench compares one GET and one POST through the SDK with the same
// two requests made with net/http by hand, with go-retryablehttp alone, and
// with four well-known SDKs; and package webhooks with HMAC alone, and with
// three other verifiers. docs/benchmarks.md describes the method.
//
// Every library sends the same JSON to the same server, or to the same
// transport without a socket, and decodes the same response into the same struct.
package bench

import (
	"context"
	"net/http"

	"github.com/stackbe/stackbe-go/affiliates"
)

// affiliate and applyResult are the SDK's own structs without their methods:
// encoding/json fills the fields directly, as it does for a struct that is
// written by hand.
type (
	affiliate   affiliates.Affiliate
	applyResult affiliates.ApplyResult
)

// library makes the two calls that are measured.
type library interface {
	get(ctx context.Context) (*affiliate, error)
	post(ctx context.Context) (*applyResult, error)
}

// contestant is a library, and how it is set up for a server.
type contestant struct {
	name string
	open func(baseURL string, client *http.Client) (library, error)
}

// contestants starts with bare, which the others are measured against.
var contestants = []contestant{
	{"bare", openBare},
	{"stackbe", openStackBE},
	{"retryablehttp", openRetryable},
	{"godo", openGodo},
	{"go-github", openGitHub},
	{"stripe", openStripe},
	{"openai", openOpenAI},
}

const (
	apiKey     = "sk_test_x"
	appID      = "app_x"
	customerID = "cust_123"

	getPath  = "v1/affiliate/by-customer/" + customerID
	postPath = "v1/affiliate/apply"
)

// application is the body of the POST.
type application struct {
	Email   string `json:"email"`
	Name    string `json:"name"`
	Company string `json:"company,omitempty"`
	Website string `json:"website,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

var jane = application{
	Email:   "jane@acme.example",
	Name:    "Jane Smith",
	Company: "Acme Inc",
	Website: "https://acme.example",
	Reason:  "I have a large audience in the SaaS space",
}
