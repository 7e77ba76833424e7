package bench

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/google/go-github/v92/github"
)

// gitHub makes the calls through go-github's NewRequest and Do, as its own
// services do. Its rate-limit bookkeeping stays on, its default. The API key is
// set by a request option: WithAuthToken would clone every request.
type gitHub struct {
	client *github.Client
}

func openGitHub(baseURL string, client *http.Client) (library, error) {
	baseURL += "/"
	c, err := github.NewClient(github.WithHTTPClient(client), github.WithURLs(&baseURL, nil))
	return &gitHub{client: c}, err
}

func withAPIKey(req *http.Request) { req.Header.Set("X-Api-Key", apiKey) }

func withIdempotencyKey(req *http.Request) { req.Header.Set("Idempotency-Key", rand.Text()) }

func (g *gitHub) get(ctx context.Context) (*affiliate, error) {
	req, err := g.client.NewRequest(ctx, http.MethodGet, getPath, nil, withAPIKey)
	if err != nil {
		return nil, err
	}
	var out affiliate
	_, err = g.client.Do(req, &out)
	return &out, err
}

func (g *gitHub) post(ctx context.Context) (*applyResult, error) {
	req, err := g.client.NewRequest(ctx, http.MethodPost, postPath, jane, withAPIKey, withIdempotencyKey)
	if err != nil {
		return nil, err
	}
	var out applyResult
	_, err = g.client.Do(req, &out)
	return &out, err
}
