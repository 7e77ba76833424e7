package bench

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// openAI makes the calls through openai-go's Get and Post. Its retries stay on,
// its default, and are never needed.
type openAI struct {
	client openai.Client
}

func openOpenAI(baseURL string, client *http.Client) (library, error) {
	return &openAI{client: openai.NewClient(
		option.WithBaseURL(baseURL+"/"),
		option.WithAPIKey(apiKey),
		option.WithHTTPClient(client),
	)}, nil
}

func (o *openAI) get(ctx context.Context) (*affiliate, error) {
	var out affiliate
	err := o.client.Get(ctx, getPath, nil, &out)
	return &out, err
}

func (o *openAI) post(ctx context.Context) (*applyResult, error) {
	var out applyResult
	err := o.client.Post(ctx, postPath, jane, &out, option.WithHeader("Idempotency-Key", rand.Text()))
	return &out, err
}
