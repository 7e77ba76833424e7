package program

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

// heard is a program whose clock the test moves, and the events that its listener received.
type heard struct {
	*Program
	now    time.Time
	events []Event
}

func newHeard() *heard {
	h := &heard{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	h.Program = New(Options{
		AppID:     "app",
		Now:       func() time.Time { return h.now },
		IDs:       ids.New("seed", "app", nil),
		PortalKey: "key",
		Listener:  func(event Event) { h.events = append(h.events, event) },
	})
	return h
}

// earn makes a partner, and a customer that pays.
func (h *heard) earn(t *testing.T) (affiliate Affiliate) {
	application, err := h.Apply(ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	review, err := h.Approve(application.ID, "JANE")
	require.NoError(t, err)
	customer, err := h.CreateCustomer(CustomerParams{Email: "lee@example.com", ReferralCode: "JANE"})
	require.NoError(t, err)
	for range 3 {
		_, err = h.RecordPayment(customer.ID, 49_00)
		require.NoError(t, err)
		h.now = h.now.Add(20 * day)
	}
	_, err = h.Dashboard(review.Affiliate.CustomerID) // lets happen what is due
	require.NoError(t, err)
	return *review.Affiliate
}

func reread(t require.TestingT, h *heard, change func(*Document)) *heard {
	document := copyOf(t, h.Document())
	change(&document)
	twin := newHeard()
	twin.now = h.now
	state, err := twin.Read(document, "seed", twin.now)
	require.NoError(t, err)
	twin.Restore(state)
	return twin
}

// copyOf writes a document and reads it back.
func copyOf(t require.TestingT, document Document) (read Document) {
	written, err := json.Marshal(document)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(written, &read))
	return read
}

func requireSameDocument(t require.TestingT, want, got Document) {
	wantText, err := json.Marshal(want)
	require.NoError(t, err)
	gotText, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, string(wantText), string(gotText))
}

func TestDocumentHasLedger(t *testing.T) {
	h := newHeard()
	partner := h.earn(t)
	require.Equal(t, 5, h.state.ledger[partner.ID].entries.len, "two of three commissions have matured")
	twin := reread(t, h, func(d *Document) { require.Len(t, d.Ledger, 5) })
	assert.Equal(t, h.state.ledger, twin.state.ledger, "the balance after each entry included")
}

func TestReadDerivesLedgerAndSchedule(t *testing.T) {
	h := newHeard()
	h.earn(t)
	_, err := h.TrackClick(ClickParams{Code: "JANE"})
	require.NoError(t, err)
	twin := reread(t, h, func(d *Document) { d.Ledger, d.Schedule = nil, nil })
	assert.Equal(t, h.state.ledger, twin.state.ledger)
	requireSameDocument(t, h.Document(), twin.Document())
}

func TestNewIDIsUnused(t *testing.T) {
	h := newHeard()
	h.earn(t)
	twin := reread(t, h, func(d *Document) { d.IDs = nil }) // so the ids begin anew
	added, err := twin.CreateCustomer(CustomerParams{Email: "new@example.com"})
	require.NoError(t, err)
	assert.Len(t, twin.Document().Customers, 3)
	assert.NotContains(t, []string{h.Document().Customers[0].ID, h.Document().Customers[1].ID}, added.ID)
}

func TestDocumentIsASnapshot(t *testing.T) {
	h := newHeard()
	h.earn(t)
	before := h.Document()
	written, err := json.Marshal(before)
	require.NoError(t, err)
	h.now = h.now.Add(40 * day)
	_, err = h.UpdateSettings(SettingsChange{Levels: &[]Level{{Name: "Gold"}}})
	require.NoError(t, err)
	_, err = h.CreateCustomer(CustomerParams{Email: "new@example.com"})
	require.NoError(t, err)
	again, err := json.Marshal(before)
	require.NoError(t, err)
	assert.JSONEq(t, string(written), string(again))
}

func TestUndeliveredEventSurvivesDocument(t *testing.T) {
	h := newHeard()
	application := Application{ID: "a", Email: "jane@acme.com", Name: "Jane"}
	h.state.emit(Event{Kind: ApplicationRejected, At: h.now, Application: &application})
	twin := reread(t, h, func(*Document) {})
	assert.Empty(t, twin.events)
	twin.Deliver()
	h.Deliver()
	assert.Len(t, twin.events, 1)
	assert.Equal(t, h.events, twin.events)
	twin.Deliver()
	assert.Len(t, twin.events, 1, "it is delivered once")
	assert.Empty(t, twin.Document().Outbox)
}

func TestPortalTokenIsOfOneApp(t *testing.T) {
	h := newHeard()
	partner := h.earn(t)
	link, err := h.PortalLink(partner.CustomerID)
	require.NoError(t, err)
	_, err = h.OpenPortal(link.Token)
	require.NoError(t, err)

	other := New(Options{AppID: "other", Now: h.clock, IDs: ids.New("seed", "other", nil), PortalKey: "key"})
	state, err := other.Read(h.Document(), "seed", h.now)
	require.NoError(t, err)
	other.Restore(state)
	renamed := "other." + link.Token[len("app."):]
	var missing *NotFound
	for _, token := range []string{link.Token, renamed} {
		_, err = other.OpenPortal(token)
		require.ErrorAs(t, err, &missing)
	}
	_, err = other.Dashboard(partner.CustomerID)
	require.NoError(t, err, "the partner is there")
}
