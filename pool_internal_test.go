package stackbe

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestSilentHTTP2ConnectionIsLeft shows what these do; here is how long they are.
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
