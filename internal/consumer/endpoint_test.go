package consumer

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// subscription is a program that calls an endpoint that the SDK has no method for, and prints all that
// an SDK can be made to say.
const subscription = `package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"

	"github.com/stackbe/stackbe-go"
)

func main() {
	cfg := stackbe.ConfigFromEnv()
	cfg.Logger = slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg.Observe = func(_ context.Context, a stackbe.Attempt) { fmt.Printf("observed: %+v\n", a) }
	cfg.Retry = &stackbe.Retry{Max: 1, MinWait: 1, MaxWait: 1}
	client, err := stackbe.New(cfg)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("%+v %+v\n", cfg, client)

	request := stackbe.Request{
		Method:     http.MethodGet,
		Path:       "/v2/apps/{appID}/subscriptions/{email}",
		PathValues: map[string]string{"email": "jane@acme.com"},
		Query:      url.Values{"token": {os.Getenv("QUERY_TOKEN")}},
		Credential: stackbe.CredentialAPIKey,
	}
	ctx := stackbe.WithHeader(context.Background(), "Tenant", os.Getenv("TENANT"))
	var out struct{ Plan string }
	if err := client.Do(ctx, request, &out); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("plan:", out.Plan)

	request.Path, request.PathValues = "/v2/gone/jane@acme.com", nil
	var failed *stackbe.Error
	if err := client.Do(ctx, request, &out); !errors.As(err, &failed) {
		os.Exit(1)
	}
	fmt.Printf("failed: %d %v %+v %#v\n", failed.StatusCode, failed, failed, failed.Err)
	slog.New(slog.NewJSONHandler(os.Stdout, nil)).Error("failed", "error", failed, "config", cfg)
}
`

func TestUnknownEndpointFromAnotherModule(t *testing.T) {
	secrets := map[string]string{"STACKBE_API_KEY": "sk_live_consumerKey0123456789", "QUERY_TOKEN": "query-canary-0123456789", "TENANT": "tenant-canary-0123456789"}
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r.Method+" "+r.RequestURI)
		assert.Equal(t, secrets["STACKBE_API_KEY"], r.Header.Get("X-Api-Key"))
		assert.Equal(t, secrets["TENANT"], r.Header.Get("Tenant"))
		everything, err := httputil.DumpRequest(r, true)
		assert.NoError(t, err)
		w.Header().Set("X-Request-Id", r.Header.Get("Tenant"))
		switch len(requests) {
		case 1: // a proxy that sends back what it received
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write(everything)
		case 2:
			_, _ = io.WriteString(w, `{"plan":"pro"}`)
		default:
			w.WriteHeader(http.StatusGone)
			fmt.Fprintf(w, `{"message":%q}`, everything)
		}
	}))
	defer server.Close()
	for name, value := range secrets {
		t.Setenv(name, value)
	}
	t.Setenv("STACKBE_BASE_URL", server.URL)
	t.Setenv("STACKBE_APP_ID", "app_1")

	output := run(t, newModule(t, subscription), "run", ".")

	call := "GET /v2/apps/app_1/subscriptions/jane@acme.com?token=" + secrets["QUERY_TOKEN"]
	require.Equal(t, []string{call, call, "GET /v2/gone/jane@acme.com?token=" + secrets["QUERY_TOKEN"]}, requests)
	assert.Contains(t, output, "plan: pro\n")
	assert.Contains(t, output, `level=WARN msg="stackbe: attempt" method=GET route=/v2/apps/{appID}/subscriptions/{email} attempt=1 status=503`)
	assert.Contains(t, output, "failed: 410 ")
	for _, secret := range append([]string{"jane", "acme.com"}, secrets["STACKBE_API_KEY"], secrets["QUERY_TOKEN"], secrets["TENANT"]) {
		assert.NotContains(t, output, secret)
	}
}
