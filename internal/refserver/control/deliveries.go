package control

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

type deliveryBody struct {
	EventID   string          `json:"eventId"`
	EventType string          `json:"eventType"`
	WebhookID string          `json:"webhookId"`
	URL       string          `json:"url"`
	State     delivery.State  `json:"state"`
	Body      json.RawMessage `json:"body"`
	Attempts  []attemptBody   `json:"attempts"`
	// NextAttempt is when the next attempt is due; left out if there is none.
	NextAttempt time.Time `json:"nextAttempt,omitzero"`
}

type attemptBody struct {
	StartedAt time.Time `json:"startedAt"`
	// Status is that of the response; left out if there was none, for the reason in Error.
	Status int    `json:"status,omitempty"`
	Error  string `json:"error,omitempty"`
}

// deliveries lists those that are kept, oldest first; with ?settle=true, once no attempt is due or in
// flight any more.
func (c *control) deliveries(r *http.Request) (int, any, error) {
	switch settle := r.URL.Query().Get("settle"); settle {
	case "", "false":
	case "true":
		c.Server.Webhooks.Settle()
	default:
		return 0, nil, invalid("settle", "must be true or false")
	}
	list := []deliveryBody{}
	for _, d := range c.Server.Webhooks.Deliveries() {
		list = append(list, newDeliveryBody(d))
	}
	return http.StatusOK, map[string]any{"data": list}, nil
}

func newDeliveryBody(d delivery.Delivery) deliveryBody {
	body := deliveryBody{
		EventID:   d.EventID,
		EventType: d.EventType,
		WebhookID: d.EndpointID,
		URL:       d.URL,
		State:     d.State,
		Body:      d.Body,
		Attempts:  []attemptBody{},

		NextAttempt: d.NextAttempt.UTC(),
	}
	for _, a := range d.Attempts {
		attempt := attemptBody{StartedAt: a.Started.UTC(), Status: a.StatusCode}
		if a.Err != nil {
			attempt.Error = a.Err.Error()
		}
		body.Attempts = append(body.Attempts, attempt)
	}
	return body
}

// redeliver delivers an event again.
func (c *control) redeliver(r *http.Request) (int, any, error) {
	if err := c.Server.Webhooks.Redeliver(r.PathValue("eventID")); err != nil {
		return 0, nil, &refusal{api.CodeNotFound, cut(err.Error())}
	}
	return http.StatusAccepted, nil, nil
}
