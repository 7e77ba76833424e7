// Package e2e holds the tests that need modules which the root module must not
// require. Each folder has one subject.
package e2e

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// Traces: otelhttp makes a span of each request, below the caller's own. Observe
// adds to that one what otelhttp cannot know: the route and the attempt. Mind
// that otelhttp records url.full, and GetApplicationStatus has an email in its
// query: drop the attribute in your exporter.
func Example_openTelemetry() {
	server, err := stackbetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	spans := tracetest.NewSpanRecorder() // an exporter, in a program of your own
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	defer func() { _ = provider.Shutdown(context.Background()) }()

	client, err := stackbe.New(stackbe.Config{
		APIKey:  server.APIKey,
		AppID:   server.AppID,
		BaseURL: server.URL,
		HTTPClient: &http.Client{
			Transport: otelhttp.NewTransport(http.DefaultTransport, otelhttp.WithTracerProvider(provider)),
		},
		Observe: func(ctx context.Context, a stackbe.Attempt) {
			trace.SpanFromContext(ctx).AddEvent("stackbe.attempt", trace.WithAttributes(
				attribute.String("http.route", a.Route),
				attribute.Int("attempt", a.Number),
				attribute.Int("http.response.status_code", a.StatusCode),
			))
		},
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx, span := provider.Tracer("shop").Start(context.Background(), "show partner")
	partner, err := client.Affiliates.Get(ctx, "cust_123")
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()

	fmt.Println("enrolled:", partner.Enrolled)
	for _, ended := range spans.Ended() {
		fmt.Println("span:", ended.Name())
		for _, event := range ended.Events() {
			fmt.Println("  event:", event.Name, event.Attributes[0].Value.AsString(), event.Attributes[2].Value.AsInt64())
		}
	}
	// Output:
	// enrolled: false
	// span: HTTP GET
	// span: show partner
	//   event: stackbe.attempt /v1/affiliate/by-customer/{customerID} 200
}
