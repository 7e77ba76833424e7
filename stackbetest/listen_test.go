package stackbetest

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
)

func TestStartListensOnIPv6WithoutIPv4(t *testing.T) {
	withoutIPv4 := func(network, address string) (net.Listener, error) {
		if !strings.HasPrefix(address, "[") {
			return nil, errors.New("no IPv4")
		}
		return net.Listen(network, address)
	}
	listener, err := listen(withoutIPv4)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err) // no IPv6 either, which CI has to have
	}
	require.NoError(t, err)
	defer listener.Close()
	address := listener.Addr().String()
	assert.True(t, strings.HasPrefix(address, "[::1]:"), address)
	_, err = stackbe.New(stackbe.Config{BaseURL: "http://" + address, APIKey: "sk_test"})
	assert.NoError(t, err)
}

func TestStartFailsWithoutLoopback(t *testing.T) {
	_, err := listen(func(_, address string) (net.Listener, error) { return nil, errors.New("no " + address) })
	require.Error(t, err)
	assert.ErrorContains(t, err, "no 127.0.0.1:0")
	assert.ErrorContains(t, err, "no [::1]:0")
}
