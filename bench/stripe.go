package bench

import (
	"context"
	"net/http"

	"github.com/stripe/stripe-go/v86"
)

// stripeAPI makes the calls through Backend.Call, as stripe-go's own services
// do. Telemetry and logging are off. The POST goes to a /v2 path, where
// stripe-go sends JSON; under /v1 it sends a form. It makes the idempotency
// key itself.
type stripeAPI struct {
	backend stripe.Backend
}

func openStripe(baseURL string, client *http.Client) (library, error) {
	return &stripeAPI{backend: stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL:             stripe.String(baseURL),
		HTTPClient:      client,
		EnableTelemetry: stripe.Bool(false),
		LeveledLogger:   &stripe.LeveledLogger{Level: stripe.LevelNull},
	})}, nil
}

type (
	stripeAffiliate struct {
		stripe.APIResource
		affiliate
	}
	stripeApplyResult struct {
		stripe.APIResource
		applyResult
	}
	stripeApplication struct {
		stripe.Params
		application
	}
)

func (s *stripeAPI) get(ctx context.Context) (*affiliate, error) {
	var out stripeAffiliate
	err := s.backend.Call(http.MethodGet, "/"+getPath, apiKey, &stripe.Params{Context: ctx}, &out)
	return &out.affiliate, err
}

func (s *stripeAPI) post(ctx context.Context) (*applyResult, error) {
	params := stripeApplication{Params: stripe.Params{Context: ctx}, application: jane}
	var out stripeApplyResult
	err := s.backend.Call(http.MethodPost, "/v2/affiliate/apply", apiKey, &params, &out)
	return &out.applyResult, err
}
