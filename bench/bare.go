package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/stackbe/stackbe-go"
)

// bare is what a careful engineer writes without any SDK: the headers that the
// SDK sends, a status check, a bounded body, no retries.
type bare struct {
	baseURL string
	client  *http.Client
}

func openBare(baseURL string, client *http.Client) (library, error) {
	return &bare{baseURL: baseURL, client: client}, nil
}

const (
	userAgent = "stackbe-go/" + stackbe.Version
	maxBody   = 10 << 20
)

func (b *bare) get(ctx context.Context) (*affiliate, error) {
	address := b.baseURL + "/v1/affiliate/by-customer/" + url.PathEscape(customerID)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	var out affiliate
	return &out, b.do(req, &out)
}

func (b *bare) post(ctx context.Context) (*applyResult, error) {
	body, err := json.Marshal(jane)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.baseURL+"/v1/affiliate/apply", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", rand.Text())
	var out applyResult
	return &out, b.do(req, &out)
}

func (b *bare) do(req *http.Request, out any) error {
	req.Header.Set("X-Api-Key", apiKey)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	resp, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return decode(resp, out)
}

// decode reads the body to its end, without which the connection could not be
// used again.
func decode(resp *http.Response, out any) error {
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("the server responded with %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return err
	}
	return json.Unmarshal(body, out)
}
