package program

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPanicOfTheListenerIsOfOneCommand(t *testing.T) {
	h := newHeard()
	received := h.listener
	h.listener = func(event Event) {
		if event.Customer.Email == "one@x.com" {
			panic("no room")
		}
		received(event)
	}
	sign := func(email string) error {
		_, err := h.CreateCustomer(CustomerParams{Email: email})
		return err
	}
	release := h.HoldEvents()
	h.state.emit(Event{Kind: CustomerCreated, At: h.now, Customer: &Customer{ID: "c", Email: "before@x.com"}})
	release()
	assert.PanicsWithValue(t, "no room", func() { _ = sign("one@x.com") })
	require.NoError(t, sign("two@x.com"))
	var emails []string
	for _, event := range h.events {
		emails = append(emails, event.Customer.Email)
	}
	assert.Equal(t, []string{"before@x.com", "two@x.com"}, emails, "each is received once")
	assert.Empty(t, h.Document().Outbox)
}
