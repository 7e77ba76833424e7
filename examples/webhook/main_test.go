package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

func TestRunHandlesEachEventOnceAndEnds(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out))
	assert.Regexp(t, `(?s)^Receiving at http://127\.0\.0\.1:\d+/webhooks/stackbe

Jane Smith is a partner: customer cust_\w+, referral code JANE20 \(evt_\w+\)
Amir Haddad was turned down: Not a good fit at this time \(evt_\w+\)

The sender's view \(the first event was redelivered, and handled once\):
evt_\w+ delivered, responses: 200 200
evt_\w+ delivered, responses: 200
$`, out.String())
}

func TestRunListensUntilInterrupted(t *testing.T) {
	const secret = "a secret of the tests"
	t.Setenv("STACKBE_WEBHOOK_SECRET", secret)
	reader, writer := io.Pipe()
	lines := bufio.NewScanner(reader)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-listen", "127.0.0.1:0"}, writer) }()
	require.True(t, lines.Scan())

	server := stackbetest.New(t, stackbetest.WithWebhook(regexp.MustCompile(`http\S+`).FindString(lines.Text()), secret))
	go func() {
		_ = decide(ctx, server, io.Discard)
		interrupt()
	}()
	require.True(t, lines.Scan())
	assert.Contains(t, lines.Text(), "Jane Smith is a partner")
	require.True(t, lines.Scan())
	assert.Contains(t, lines.Text(), "Amir Haddad was turned down")
	assert.NoError(t, <-ended)
	for _, delivery := range server.Deliveries() {
		assert.Equal(t, stackbetest.DeliveryDelivered, delivery.State)
	}
}

func TestRunRefusesArguments(t *testing.T) {
	t.Setenv("STACKBE_WEBHOOK_SECRET", "")
	assert.ErrorIs(t, run(t.Context(), []string{"-listen", "127.0.0.1:0"}, io.Discard), webhooks.ErrEmptySecret)
	t.Setenv("STACKBE_WEBHOOK_SECRET", "a secret of the tests")
	assert.Error(t, run(t.Context(), []string{"-listen", "nowhere"}, io.Discard))
}
