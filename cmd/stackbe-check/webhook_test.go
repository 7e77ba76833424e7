package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

const webhookSecret = "whsec_dGhlIHNlY3JldCBvZiBhIHdlYmhvb2sgb2YgYW4gYXBw"

// A listening command waits for a delivery.
type listening struct {
	address string
	output  bytes.Buffer
	status  chan int
	cancel  func()
}

func startListening(t *testing.T, args ...string) *listening {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	reader, writer := io.Pipe()
	l := &listening{status: make(chan int, 1), cancel: cancel}
	go func() {
		status := run(ctx, append([]string{"-webhook", "127.0.0.1:0", "-webhook-secret", webhookSecret}, args...), func(string) string { return "" }, &l.output, writer)
		_ = writer.Close()
		l.status <- status
	}()
	lines := bufio.NewScanner(reader)
	require.True(t, lines.Scan())
	l.address = "http://" + regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(lines.Text())
	go func() { // so that nothing that is logged waits
		for lines.Scan() {
		}
	}()
	return l
}

func TestDeliveryShowsSchemeHeaderAndEnvelope(t *testing.T) {
	for name, c := range map[string]struct {
		webhook  stackbetest.WebhookParams
		status   int
		output   []string
		contract string
	}{
		"as the contract has it": {
			stackbetest.WebhookParams{}, exitHolds,
			[]string{"timestamped", "X-StackBE-Signature", "{id, event, timestamp, data}", `webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"), webhooks.WithSchemes(webhooks.SchemeTimestamped))`},
			"stackbe.Contract{}",
		},
		"in another envelope": {
			stackbetest.WebhookParams{Envelope: stackbetest.EnvelopeBare}, exitRefuted,
			[]string{"timestamped", "{event, data}"},
			"stackbe.Contract{}",
		},
		"in another header": {
			stackbetest.WebhookParams{Header: "X-Something-Else"}, exitRefuted,
			[]string{`webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"), webhooks.WithSignatureHeader("X-Something-Else"), webhooks.WithSchemes(webhooks.SchemeTimestamped))`},
			"stackbe.Contract{\n\tSignatureHeader: \"X-Something-Else\",\n}",
		},
		"of the body, as the sibling product": {
			stackbetest.WebhookParams{Header: "X-Dispatch-Signature", Scheme: webhooks.SchemeBody, Envelope: stackbetest.EnvelopeGeneral}, exitRefuted,
			[]string{"body", "{id, type, timestamp, data}", `webhooks.WithSignatureHeader("X-Dispatch-Signature"), webhooks.WithSchemes(webhooks.SchemeBody)`},
			"stackbe.Contract{\n\tSignatureHeader: \"X-Dispatch-Signature\",\n}",
		},
		"as Standard Webhooks": {
			stackbetest.WebhookParams{Scheme: webhooks.SchemeStandard, Envelope: stackbetest.EnvelopeBare}, exitRefuted,
			[]string{"standard", "{event, data}", `webhooks.WithSchemes(webhooks.SchemeStandard))`},
			"stackbe.Contract{}",
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := startListening(t)
			server := stackbetest.New(t)
			c.webhook.URL, c.webhook.Secret = l.address, webhookSecret
			server.AddWebhook(c.webhook)
			enroll(t, server.Client().AsAdmin(server.AdminToken), "jane@acme.com")
			server.WaitForDeliveries()
			assert.Equal(t, stackbetest.DeliveryDelivered, server.Deliveries()[0].State)
			assert.Equal(t, c.status, <-l.status)
			for _, part := range c.output {
				assert.Contains(t, l.output.String(), part)
			}
			assert.True(t, strings.HasSuffix(l.output.String(), "\n\n"+c.contract+"\n"), l.output.String())
			for _, secret := range []string{"jane@acme.com", webhookSecret} {
				assert.NotContains(t, l.output.String(), secret)
			}
		})
	}
}

func TestDeliveryShowsSignatureHeaderOfContract(t *testing.T) {
	for _, header := range candidates["SignatureHeader"] {
		l := startListening(t, "-json")
		server := stackbetest.New(t, stackbetest.WithContract(stackbe.Contract{SignatureHeader: header}), stackbetest.WithWebhook(l.address, webhookSecret))
		enroll(t, server.Client().AsAdmin(server.AdminToken), "jane@acme.com")
		assert.Equal(t, exitRefuted, <-l.status)
		assert.Contains(t, l.output.String(), `"header": "`+header+`"`)
		assert.Contains(t, l.output.String(), `SignatureHeader: \"`+header+`\"`)
	}
}

func TestUnverifiedRequestIsRefusedAndListenerGoesOn(t *testing.T) {
	l := startListening(t)
	post := func(body string, header http.Header) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.address, strings.NewReader(body))
		require.NoError(t, err)
		for name := range header {
			request.Header.Set(name, header.Get(name))
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		_ = response.Body.Close()
		return response.StatusCode
	}
	const body = `{"event":"x","data":{}}`
	forged, err := webhooks.Sign([]byte(body), webhooks.Signing{Secrets: []string{"another secret of enough bytes"}})
	require.NoError(t, err)
	genuine, err := webhooks.Sign([]byte(body), webhooks.Signing{Secrets: []string{webhookSecret}})
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, post(body, nil))
	assert.Equal(t, http.StatusUnauthorized, post(body, forged))
	assert.Equal(t, http.StatusUnauthorized, post(body+" ", genuine))
	assert.Equal(t, http.StatusBadRequest, post(strings.Repeat("x", 2<<20), forged))
	response, err := http.Get(l.address)
	require.NoError(t, err)
	_ = response.Body.Close()
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Equal(t, http.StatusOK, post(body, genuine))
	assert.Equal(t, exitRefuted, <-l.status, "the envelope has no id and no timestamp")
}

func TestListenerWithoutDeliveryExitsWith2(t *testing.T) {
	l := startListening(t)
	l.cancel()
	assert.Equal(t, exitFailed, <-l.status)
}

func TestIdentifyNamesPossibleSignatureHeaders(t *testing.T) {
	_, err := identify(http.Header{"X-Odd-Signature": {"md5=abc"}, "Content-Type": {"application/json"}}, []byte(`{"event":"x"}`), webhookSecret)
	assert.ErrorContains(t, err, "X-Odd-Signature")
	assert.NotContains(t, err.Error(), "Content-Type")
	header, err := webhooks.Sign([]byte(`{}`), webhooks.Signing{Secrets: []string{webhookSecret}})
	require.NoError(t, err)
	_, err = identify(header, []byte(`{}`), webhookSecret)
	assert.ErrorContains(t, err, "the body is not an event")
	header, err = webhooks.Sign([]byte(`{}`), webhooks.Signing{Secrets: []string{webhookSecret}, Scheme: webhooks.SchemeStandard, ID: "msg_1"})
	require.NoError(t, err)
	_, err = identify(header, []byte(`{}`), webhookSecret)
	assert.ErrorContains(t, err, "the signature in webhook-signature verifies, and the body is not an event")
}

func TestPrintedLineAcceptsItsDeliveryAndNoOther(t *testing.T) {
	const begin = `webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"), `
	lines := map[string][]webhooks.VerifierOption{ // the code of each line
		begin + `webhooks.WithSchemes(webhooks.SchemeTimestamped))`: {webhooks.WithSchemes(webhooks.SchemeTimestamped)},
		begin + `webhooks.WithSchemes(webhooks.SchemeBody))`:        {webhooks.WithSchemes(webhooks.SchemeBody)},
		begin + `webhooks.WithSchemes(webhooks.SchemeStandard))`:    {webhooks.WithSchemes(webhooks.SchemeStandard)},
		begin + `webhooks.WithSignatureHeader("X-Own"), webhooks.WithSchemes(webhooks.SchemeTimestamped))`: {
			webhooks.WithSignatureHeader("X-Own"), webhooks.WithSchemes(webhooks.SchemeTimestamped),
		},
		begin + `webhooks.WithSignatureHeader("X-Own"), webhooks.WithSchemes(webhooks.SchemeBody))`: {
			webhooks.WithSignatureHeader("X-Own"), webhooks.WithSchemes(webhooks.SchemeBody),
		},
	}
	body := []byte(`{"id":"evt_1","event":"x","timestamp":"2026-01-01T00:00:00Z","data":{}}`)
	deliveries := map[string]http.Header{} // by the line that is printed for each
	for _, signing := range []webhooks.Signing{
		{Scheme: webhooks.SchemeTimestamped},
		{Scheme: webhooks.SchemeBody},
		{Scheme: webhooks.SchemeStandard, ID: "evt_1"},
		{Scheme: webhooks.SchemeTimestamped, Header: "X-Own"},
		{Scheme: webhooks.SchemeBody, Header: "X-Own"},
	} {
		signing.Secrets = []string{webhookSecret}
		header, err := webhooks.Sign(body, signing)
		require.NoError(t, err)
		d, err := identify(header, body, webhookSecret)
		require.NoError(t, err)
		deliveries[d.Go] = header
	}
	require.Len(t, deliveries, len(lines))
	for line, options := range lines {
		require.Contains(t, deliveries, line)
		verifier, err := webhooks.NewVerifier(webhookSecret, options...)
		require.NoError(t, err)
		for other, header := range deliveries {
			_, err := verifier.ParseEvent(header, body)
			assert.Equal(t, line == other, err == nil, "%s\n%s\n%v", line, other, err)
		}
	}
}
