package stackbetest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

func TestTransportReachesServerUnderAnyHost(t *testing.T) {
	server := stackbetest.New(t)
	config := stackbe.Config{APIKey: server.APIKey, AppID: server.AppID, HTTPClient: &http.Client{Transport: server.Transport()}}
	client, err := stackbe.New(config) // of https://api.stackbe.io
	require.NoError(t, err)
	receipt, err := client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	assert.Equal(t, receipt.ID, server.Application("jane@acme.com").ID, "it is the server that the socket reaches")
}

func TestHandlerIsTheServer(t *testing.T) {
	server := stackbetest.New(t)
	request := httptest.NewRequest(http.MethodGet, "/v1/affiliate/apply/status?email=jane@acme.com", nil)
	request.Header.Set("X-Api-Key", server.APIKey)
	response := httptest.NewRecorder()
	server.Handler().ServeHTTP(response, request)
	assert.JSONEq(t, `{"applied": false}`, response.Body.String())
	assert.Len(t, server.Requests(), 1)
}

func TestServerWithoutSocketHasNoReachableURL(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithoutSocket())
	_, err := http.Get(server.URL)
	require.Error(t, err)
	_, err = server.Client().Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
	assert.NoError(t, err)
}

func TestTransportOfClosedServerFails(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithoutSocket())
	client := &http.Client{Transport: server.Transport()}
	server.Close()
	_, err := client.Get(server.URL + "/openapi.yaml")
	assert.Error(t, err)
}

// The clock of a bubble moves only while every goroutine waits for it: a socket would stop it.
func TestServerInBubbleHasTheBubblesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := stackbetest.New(t)
		begin := server.Now()
		time.Sleep(24 * time.Hour)
		assert.Equal(t, 24*time.Hour, server.Now().Sub(begin))

		server.Fail(stackbetest.Fault{Times: 1, Status: 503, Header: http.Header{"Retry-After": {"3600"}}})
		config := server.Config()
		config.Retry = &stackbe.Retry{Max: 1, MaxWait: 2 * time.Hour}
		client, err := stackbe.New(config)
		require.NoError(t, err)
		_, err = client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
		require.NoError(t, err)
		assert.Equal(t, 25*time.Hour, server.Now().Sub(begin).Truncate(time.Minute), "the client waits on the same clock")
	})
}

func TestWebhookHandlerNeedsNoSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := stackbetest.New(t)
		verifier, err := webhooks.NewVerifier(secret)
		require.NoError(t, err)
		calls := 0
		handler, err := webhooks.NewHandler(verifier, webhooks.OnApplicationApproved(
			func(context.Context, *webhooks.Event, webhooks.ApplicationApproved) error {
				if calls++; calls == 1 {
					return io.ErrUnexpectedEOF
				}
				return nil
			}))
		require.NoError(t, err)
		var hosts []string
		server.AddWebhook(stackbetest.WebhookParams{Secret: secret, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hosts = append(hosts, r.Host+r.URL.Path)
			handler.ServeHTTP(w, r)
		})})
		enroll(t, server.App, "jane@acme.com", "JANE20")
		synctest.Wait()
		assert.Equal(t, stackbetest.DeliveryPending, server.Deliveries()[0].State)
		time.Sleep(2 * time.Minute) // without Advance
		synctest.Wait()
		delivery := server.Deliveries()[0]
		assert.Equal(t, stackbetest.DeliveryDelivered, delivery.State)
		assert.Equal(t, []int{500, 200}, []int{delivery.Attempts[0].StatusCode, delivery.Attempts[1].StatusCode})
		assert.Equal(t, []string{"webhook.test/", "webhook.test/"}, hosts)
	})
}

func TestWebhookTimeoutIsOfTheBubblesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := stackbetest.New(t, stackbetest.WithWebhookRetries())
		server.AddWebhook(stackbetest.WebhookParams{Secret: secret, URL: "https://example.com/hook", Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			assert.Equal(t, "example.com/hook", r.Host+r.URL.Path)
			<-r.Context().Done()
		})})
		enroll(t, server.App, "jane@acme.com", "JANE20")
		server.WaitForDeliveries()
		attempt := server.Deliveries()[0].Attempts[0]
		assert.ErrorIs(t, attempt.Err, context.DeadlineExceeded)
		assert.Equal(t, 30*time.Second, attempt.Duration)
	})
}

func TestReceiverThatPanicsFailsItsDelivery(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithWebhookRetries(), stackbetest.WithoutSocket())
	server.AddWebhook(stackbetest.WebhookParams{Secret: secret, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	})})
	enroll(t, server.App, "jane@acme.com", "JANE20")
	server.WaitForDeliveries()
	assert.ErrorIs(t, server.Deliveries()[0].Attempts[0].Err, io.EOF)
	assert.Equal(t, stackbetest.DeliveryGivenUp, server.Deliveries()[0].State)
}
