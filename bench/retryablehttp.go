package bench

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/hashicorp/go-retryablehttp"
)

// retryable is bare with go-retryablehttp in the place of http.Client. Its log
// of every request is off; its retries are on, and never needed.
type retryable struct {
	baseURL string
	client  *retryablehttp.Client
}

func openRetryable(baseURL string, client *http.Client) (library, error) {
	c := retryablehttp.NewClient()
	c.HTTPClient = client
	c.Logger = nil
	return &retryable{baseURL: baseURL, client: c}, nil
}

func (r *retryable) get(ctx context.Context) (*affiliate, error) {
	address := r.baseURL + "/v1/affiliate/by-customer/" + url.PathEscape(customerID)
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	var out affiliate
	return &out, r.do(req, &out)
}

func (r *retryable) post(ctx context.Context) (*applyResult, error) {
	body, err := json.Marshal(jane)
	if err != nil {
		return nil, err
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, r.baseURL+"/v1/affiliate/apply", body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", rand.Text())
	var out applyResult
	return &out, r.do(req, &out)
}

func (r *retryable) do(req *retryablehttp.Request, out any) error {
	req.Header.Set("X-Api-Key", apiKey)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return decode(resp, out)
}
