package stackbe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestPoolChecksTheResponseOfAProxy(t *testing.T) {
	blocked := errors.New("blocked by policy")
	for name, test := range map[string]struct {
		own    func(context.Context, *url.URL, *http.Request, *http.Response) error
		status int
		want   string
	}{
		"by itself":                     {nil, 403, "403 Forbidden"},
		"after the hook of the default": {func(context.Context, *url.URL, *http.Request, *http.Response) error { return blocked }, 200, "blocked by policy"},
		"and accepts a 200":             {nil, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			hook := newPool(&http.Transport{OnProxyConnectResponse: test.own}).OnProxyConnectResponse
			response := &http.Response{StatusCode: test.status, Status: fmt.Sprint(test.status, " ", http.StatusText(test.status))}
			err := hook(t.Context(), nil, nil, response)
			if test.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.want)
		})
	}
}

// TestSilentHTTP2ConnectionIsClosed tests their effect; this tests their values.
func TestPoolPingsSilentConnections(t *testing.T) {
	for name, test := range map[string]struct{ standard, want *http.HTTP2Config }{
		"by default": {nil, &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 5 * time.Second, WriteByteTimeout: 10 * time.Second}},
		"but keeps what http.DefaultTransport has": {
			&http.HTTP2Config{MaxReadFrameSize: 1 << 20, SendPingTimeout: time.Minute, PingTimeout: time.Hour, WriteByteTimeout: 24 * time.Hour},
			&http.HTTP2Config{MaxReadFrameSize: 1 << 20, SendPingTimeout: time.Minute, PingTimeout: time.Hour, WriteByteTimeout: 24 * time.Hour},
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, newPool(&http.Transport{HTTP2: test.standard}).HTTP2)
		})
	}
}
