package conformance_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/conformance"
	"github.com/stackbe/stackbe-go/stackbetest"
)

func TestReferenceServer(t *testing.T) {
	conformance.Run(t, referenceServer(t, stackbe.Contract{}))
}

// StackBE's documentation does not say that errors have codes.
func TestDocumentedScopePassesWithoutErrorCodes(t *testing.T) {
	target := referenceServer(t, stackbe.Contract{})
	target.Scope = conformance.Documented
	target.HTTPClient = &http.Client{Transport: fault{respond: withoutCode}}
	conformance.Run(t, target)
}

func TestLiveAPI(t *testing.T) {
	target, ok, err := conformance.TargetFromEnv()
	require.NoError(t, err)
	if !ok {
		t.Skip("set STACKBE_CONFORMANCE_URL, and its companions, to hold a live API to the contract; it creates records that the API cannot delete")
	}
	conformance.Run(t, target)
}

// referenceServer is a target that meets all needs.
func referenceServer(t *testing.T, contract stackbe.Contract) conformance.Target {
	t.Helper()
	server := stackbetest.New(t, stackbetest.WithContract(contract), stackbetest.WithUnknownRoutes())
	foreign := server.AddApp()
	return conformance.Target{
		BaseURL:    server.URL,
		Contract:   contract,
		APIKey:     server.APIKey,
		AppID:      server.AppID,
		AdminToken: server.AdminToken,
		Foreign: conformance.Foreign{
			AppID:      foreign.AppID,
			APIKey:     foreign.APIKey,
			AdminToken: foreign.AdminToken,
		},
		Control: &conformance.Control{
			CreateCustomer: func(c conformance.Customer) string {
				return server.CreateCustomer(stackbetest.CustomerParams(c))
			},
			SessionToken:  server.SessionToken,
			RecordPayment: server.RecordPayment,
			Advance:       server.Advance,
		},
		Complete: true,
	}
}
