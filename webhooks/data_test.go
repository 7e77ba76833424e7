package webhooks_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const rejectedBody = `{"event":"partner_application_rejected","data":{"application":{"id":"cmapp1","email":"partner@example.com","name":"Jane Smith","reason":"Not a good fit","score":3}}}`

func TestEventApplicationApprovedDecodesData(t *testing.T) {
	approved, err := mustParse(t, string(approvedBody)).ApplicationApproved()
	require.NoError(t, err)
	assert.Equal(t, webhooks.ApplicationApproved{
		Application: webhooks.Application{ID: "cmapp1", Email: "partner@example.com", Name: "Jane Smith"},
		Affiliate:   webhooks.Affiliate{ID: "cmaff1", Code: "JANE20", CustomerID: "cust_123"},
	}, approved)
}

func TestEventApplicationRejectedDecodesDataAndKeepsUnknownFields(t *testing.T) {
	event := mustParse(t, rejectedBody)
	rejected, err := event.ApplicationRejected()
	require.NoError(t, err)
	assert.Equal(t, webhooks.ApplicationRejected{
		Application: webhooks.Application{ID: "cmapp1", Email: "partner@example.com", Name: "Jane Smith", RejectionReason: "Not a good fit"},
	}, rejected)
	assert.Contains(t, string(event.Data), `"score":3`)
}

func TestEventRefusesDataThatDoesNotFit(t *testing.T) {
	for name, test := range map[string]struct{ body, problem string }{
		"none":                        {`{"event":"partner_application_approved"}`, "it has no data"},
		"null":                        {`{"event":"partner_application_approved","data":null}`, "it has no data"},
		"a string":                    {`{"event":"partner_application_approved","data":"x"}`, "its data is not of type webhooks.ApplicationApproved"},
		"an array":                    {`{"event":"partner_application_approved","data":[]}`, "its data is not of type webhooks.ApplicationApproved"},
		"an empty object":             {`{"event":"partner_application_approved","data":{}}`, "no application.id or no affiliate.id"},
		"an application without id":   {`{"event":"partner_application_approved","data":{"application":{},"affiliate":{"id":"a"}}}`, "no application.id or no affiliate.id"},
		"an affiliate without id":     {`{"event":"partner_application_approved","data":{"application":{"id":"a"},"affiliate":{}}}`, "no application.id or no affiliate.id"},
		"an id that is a number":      {`{"event":"partner_application_approved","data":{"application":{"id":1},"affiliate":{"id":"a"}}}`, `its data has a field "application.id" that is not of type string`},
		"a rejection without its own": {`{"event":"partner_application_rejected","data":{"application":{}}}`, "no application.id"},
		"a rejection that is none":    {`{"event":"partner_application_rejected","data":0}`, "its data is not of type webhooks.ApplicationRejected"},
	} {
		t.Run(name, func(t *testing.T) {
			event := mustParse(t, test.body)
			approved, approvedErr := event.ApplicationApproved()
			rejected, rejectedErr := event.ApplicationRejected()
			if event.Type == webhooks.EventApplicationApproved {
				assert.ErrorIs(t, approvedErr, webhooks.ErrMalformedEvent)
				assert.ErrorContains(t, approvedErr, test.problem)
			} else {
				assert.ErrorIs(t, rejectedErr, webhooks.ErrMalformedEvent)
				assert.ErrorContains(t, rejectedErr, test.problem)
			}
			assert.Zero(t, approved)
			assert.Zero(t, rejected)
		})
	}
	t.Run("the data of another type", func(t *testing.T) {
		_, err := mustParse(t, rejectedBody).ApplicationApproved()
		assert.ErrorIs(t, err, webhooks.ErrWrongType)
		_, err = mustParse(t, string(approvedBody)).ApplicationRejected()
		assert.ErrorIs(t, err, webhooks.ErrWrongType)
	})
}

func TestDecodeDecodesDataIntoAnyType(t *testing.T) {
	type payment struct {
		Amount int `json:"amount"`
	}
	event := mustParse(t, `{"type":"payment.succeeded","data":{"amount":50,"currency":"USD"}}`)
	data, err := webhooks.Decode[payment](event)
	require.NoError(t, err)
	assert.Equal(t, payment{50}, data)

	_, err = webhooks.Decode[[]payment](event)
	assert.ErrorIs(t, err, webhooks.ErrMalformedEvent)

	for _, body := range []string{`{"type":"payment.succeeded"}`, `{"type":"payment.succeeded","data": null}`} {
		_, err = webhooks.Decode[payment](mustParse(t, body))
		assert.ErrorIs(t, err, webhooks.ErrMalformedEvent, "no data is not a payment of 0")
	}
}

func TestErrorAboutDataDoesNotQuoteData(t *testing.T) {
	var log bytes.Buffer
	type payment struct {
		At     time.Time `json:"at"`
		Amount int       `json:"amount"`
	}
	handler := newHandler(t,
		webhooks.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		webhooks.OnTyped("payment", func(context.Context, *webhooks.Event, payment) error { return nil }))
	for _, data := range []string{`{"at":"jane@acme.com"}`, `{"amount":"jane@acme.com"}`, `{"amount":4111111111111111.5}`} {
		assert.Equal(t, http.StatusBadRequest, deliverBody(t, handler, `{"event":"payment","data":`+data+`}`).Code)
	}
	assert.Contains(t, log.String(), `field \"amount\" that is not of type int`)
	assert.NotContains(t, log.String(), "jane@acme.com")
	assert.NotContains(t, log.String(), "4111")
}
