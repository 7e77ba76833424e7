package bench

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/digitalocean/godo"
)

// digitalOcean makes the calls through godo's NewRequest and Do, as its own
// services do. Retries stay off, which is what godo.New does by default: on,
// they replace the http.Client that is passed in.
type digitalOcean struct {
	client *godo.Client
}

func openGodo(baseURL string, client *http.Client) (library, error) {
	c, err := godo.New(client,
		godo.SetBaseURL(baseURL+"/"),
		godo.SetRequestHeaders(map[string]string{"X-Api-Key": apiKey}))
	return &digitalOcean{client: c}, err
}

func (d *digitalOcean) get(ctx context.Context) (*affiliate, error) {
	req, err := d.client.NewRequest(ctx, http.MethodGet, getPath, nil)
	if err != nil {
		return nil, err
	}
	var out affiliate
	_, err = d.client.Do(ctx, req, &out)
	return &out, err
}

func (d *digitalOcean) post(ctx context.Context) (*applyResult, error) {
	req, err := d.client.NewRequest(ctx, http.MethodPost, postPath, jane)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Idempotency-Key", rand.Text())
	var out applyResult
	_, err = d.client.Do(ctx, req, &out)
	return &out, err
}
