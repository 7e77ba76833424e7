package bench

import (
	"context"
	"net/http"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// sdk is this project, with everything at its default: retries, the bound on
// the body, the guard on redirects, a generated idempotency key.
type sdk struct {
	client *stackbe.Client
}

func openStackBE(baseURL string, client *http.Client) (library, error) {
	c, err := stackbe.New(stackbe.Config{APIKey: apiKey, AppID: appID, BaseURL: baseURL, HTTPClient: client})
	return &sdk{client: c}, err
}

func (s *sdk) get(ctx context.Context) (*affiliate, error) {
	got, err := s.client.Affiliates.Get(ctx, customerID)
	return (*affiliate)(got), err
}

func (s *sdk) post(ctx context.Context) (*applyResult, error) {
	got, err := s.client.Affiliates.Apply(ctx, affiliates.ApplyParams{
		Email:   jane.Email,
		Name:    jane.Name,
		Company: jane.Company,
		Website: jane.Website,
		Reason:  jane.Reason,
	})
	return (*applyResult)(got), err
}
