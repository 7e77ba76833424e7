package conformance_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/conformance"
)

// A busy server turns one request in two hundred away, without a look at it.
type busy struct {
	requests   atomic.Int64
	turnedAway atomic.Int64
}

func (b *busy) RoundTrip(request *http.Request) (*http.Response, error) {
	if b.requests.Add(1)%200 != 0 {
		return http.DefaultTransport.RoundTrip(request)
	}
	id := fmt.Sprintf("req_busy_%d", b.turnedAway.Add(1))
	return &http.Response{
		StatusCode: http.StatusTooManyRequests,
		Header: http.Header{
			"Content-Type":          {"application/json"},
			"X-Request-Id":          {id},
			"X-Ratelimit-Limit":     {"1000"},
			"X-Ratelimit-Remaining": {"0"},
			"X-Ratelimit-Reset":     {"1"},
			"Retry-After":           {"0"},
		},
		Body:    io.NopCloser(bytes.NewBufferString(`{"statusCode":429,"message":"Slow down","error":"Too Many Requests"}`)),
		Request: request,
	}, nil
}

func TestRateLimitDelaysTheSuite(t *testing.T) {
	server := &busy{}
	target := referenceServer(t, stackbe.Contract{})
	target.HTTPClient = &http.Client{Transport: server}
	conformance.Run(t, target)
	assert.Positive(t, server.turnedAway.Load())
}
