package refserver_test

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// timesDocument is a document whose records are valid; each %s is a place for more.
func timesDocument(app, top string) string {
	return fmt.Sprintf(`{"apps": [{"id": "app",
		"customers": [{"id": "c", "email": "jane@acme.com"}, {"id": "u", "email": "u@x.com", "affiliateId": "p"}],
		"partners": [{"id": "p", "customerId": "c", "code": "JANE"}]%s}]%s}`, app, top)
}

func restoreText(s *refserver.Server, text string) error {
	document, err := refserver.ReadDocument(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Restore(document)
}

const (
	beyond   = "9999-12-31T23:59:59-01:00" // in UTC, of the year 10000
	inYear   = "9999-06-30T00:00:00Z"
	toNobody = `, "webhooks": [{"id": "w", "appId": "app", "url": "http://127.0.0.1:9", "secrets": [{"secret": "a secret of the tests"}]}]`
)

var maxInt = strconv.Itoa(math.MaxInt)

func subscriptionEvent(months string) string {
	return `{"id": "evt_1", "kind": "subscription.created", "at": "2026-01-01T00:00:00Z", "customer": {"id": "u", "email": "u@x.com"},
		"subscription": {"id": "s", "customerId": "u", "plan": "pro", "months": ` + months + `, "createdAt": "2026-01-01T00:00:00Z"}}`
}

func subscriptionWith(fields string) string {
	return `, "subscriptions": [{"id": "s", "customerId": "u", "plan": "pro", ` + fields + `}]`
}

func TestRestoreRefusesWhatLeadsBeyondTheYears(t *testing.T) {
	for name, c := range map[string]struct{ document, problem string }{
		"months beyond the year 9999":         {timesDocument(subscriptionWith(`"months": 100000, "createdAt": "2026-01-01T00:00:00Z"`), ""), "subscriptions[0]: months"},
		"months beyond any number":            {timesDocument(subscriptionWith(`"months": `+maxInt+`, "createdAt": "2026-01-01T00:00:00Z"`), ""), "subscriptions[0]: months"},
		"months of a canceled subscription":   {timesDocument(subscriptionWith(`"status": "canceled", "months": 100000, "createdAt": "2026-01-01T00:00:00Z"`), ""), "subscriptions[0]: months"},
		"months one too many":                 {timesDocument(subscriptionWith(`"months": 95688, "createdAt": "2026-01-01T00:00:00Z"`), ""), "subscriptions[0]: months"},
		"a first period beyond the year 9999": {timesDocument(subscriptionWith(`"createdAt": "9999-12-15T00:00:00Z"`), ""), "subscriptions[0]: months"},
		"a sign-up beyond":                    {`{"apps": [{"customers": [{"id": "c", "email": "jane@acme.com", "createdAt": "` + beyond + `"}]}]}`, "apps[0].customers[0].createdAt"},
		"a sign-up before the year 1":         {`{"apps": [{"customers": [{"id": "c", "email": "jane@acme.com", "createdAt": "0001-01-01T00:00:00+01:00"}]}]}`, "apps[0].customers[0].createdAt"},
		"a click beyond":                      {timesDocument(`, "clicks": [{"id": "d", "affiliateId": "p", "expiresAt": "`+beyond+`"}]`, ""), "apps[0].clicks[0].expiresAt"},
		"an item beyond":                      {timesDocument(`, "schedule": [{"kind": "click_expires", "id": "d", "at": "`+beyond+`"}]`, ""), "apps[0].schedule[0].at"},
		"an event beyond":                     {timesDocument(`, "outbox": [`+strings.Replace(subscriptionEvent("1"), "2026-01-01T00:00:00Z", beyond, 1)+`]`, ""), "apps[0].outbox[0].at"},
		"an event of a record beyond":         {timesDocument(`, "outbox": [`+strings.Replace(subscriptionEvent("1"), `"createdAt": "2026-01-01T00:00:00Z"`, `"createdAt": "`+beyond+`"`, 1)+`]`, ""), "apps[0].outbox[0].subscription.createdAt"},
		"an event with too many months":       {timesDocument(`, "outbox": [`+subscriptionEvent("100000")+`]`, ""), "outbox[0]: subscription: months"},
		"an event with months below 0":        {timesDocument(`, "outbox": [`+subscriptionEvent("-100000")+`]`, ""), "outbox[0]: subscription: months"},
		"a delivery with too many months":     {timesDocument("", toNobody+`, "deliveries": [{"webhookId": "w", "state": "delivered", "event": `+subscriptionEvent("100000")+`}]`), "deliveries[0]: subscription: months"},
		"a delivery with failures below 0":    {timesDocument("", toNobody+`, "deliveries": [{"webhookId": "w", "state": "pending", "failures": -1, "event": `+subscriptionEvent("1")+`}]`), "deliveries[0]: failures"},
		"an attempt that is due beyond":       {timesDocument("", toNobody+`, "deliveries": [{"webhookId": "w", "state": "pending", "nextAttempt": "`+beyond+`", "event": `+subscriptionEvent("1")+`}]`), "deliveries[0].nextAttempt"},
		"a secret that expires beyond":        {timesDocument("", strings.Replace(toNobody, `"}]`, `", "expiresAt": "`+beyond+`"}]`, 1)), "webhooks[0].secrets[0].expiresAt"},
		"a kept response that expires beyond": {`{"idempotency": [{"expiresAt": "` + beyond + `"}]}`, "idempotency[0].expiresAt"},
		"a commission of the year 9999": {timesDocument(`, "invoices": [{"id": "i", "customerId": "u", "amount": 10, "createdAt": "`+inYear+`"}],
			"commissions": [{"id": "d", "affiliateId": "p", "customerId": "u", "invoiceId": "i", "payment": 10, "rate": 20, "amount": 2, "createdAt": "`+inYear+`", "readyAt": "`+inYear+`"}]`, ""), "commissions[0]: createdAt"},
		"a commission that was ready in the year 9999": {timesDocument(`, "invoices": [{"id": "i", "customerId": "u", "amount": 10}],
			"commissions": [{"id": "d", "affiliateId": "p", "customerId": "u", "invoiceId": "i", "payment": 10, "rate": 20, "amount": 2, "state": "ready", "readyAt": "`+inYear+`"}]`, ""), "readyAt"},
		"a payout of the year 9999": {timesDocument(`, "payouts": [{"id": "o", "affiliateId": "p", "amount": 1, "requestedAt": "`+inYear+`"}]`, ""), "payouts[0]: requestedAt"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newUnservedWorld(t)
			var before, after bytes.Buffer
			require.NoError(t, w.Snapshot().Write(&before))
			require.ErrorContains(t, restoreText(w.Server, c.document), c.problem)
			require.NoError(t, w.Snapshot().Write(&after))
			assert.Equal(t, before.String(), after.String())
		})
	}
}

func TestRestoreRefusesASessionThatIsRememberedBeyondTheYears(t *testing.T) {
	w := newUnservedWorld(t)
	customer := w.customer(t, program.CustomerParams{Email: "jane@acme.com"})
	_, err := w.Program.SignIn(customer)
	require.NoError(t, err)
	document := w.Snapshot()
	session := *document.Apps[0].Sessions[0]
	document.Apps[0].Sessions[0], document.Apps[0].Schedule = &session, nil
	session.ExpiresAt = time.Date(9999, 12, 2, 0, 0, 0, 0, time.UTC)
	require.ErrorContains(t, w.Restore(document), "sessions[0]: expiresAt")
	session.ExpiresAt = session.ExpiresAt.Add(-1)
	require.NoError(t, w.Restore(document))
	require.NoError(t, w.Snapshot().Write(&bytes.Buffer{}))
}

func TestServerAtTheEndOfItsTimeIsWritten(t *testing.T) {
	w := newUnservedWorld(t, func(c *refserver.Config) {
		base := c.Now
		last := time.Date(9998, 12, 31, 22, 0, 0, 0, time.UTC)
		c.Now = func() time.Time { return last.Add(base().Sub(start)) }
		c.WebhookRetries = []time.Duration{1<<63 - 1, 1<<63 - 1}
	})
	require.NoError(t, restoreText(w.Server, timesDocument(subscriptionWith(`"months": 95687, "createdAt": "2026-01-01T00:00:00Z"`), toNobody)))
	require.NoError(t, w.Advance(90*time.Minute), "so that a snapshot is ahead of the clock of the configuration")
	app := w.Apps()[0]
	days := 365
	_, err := app.Program.UpdateSettings(program.SettingsChange{HoldingPeriodDays: &days, CookieDurationDays: &days})
	require.NoError(t, err)
	for range 2 {
		_, err = app.Program.Subscribe(program.SubscriptionParams{CustomerID: "u", Plan: program.Pro})
		require.NoError(t, err)
		_, err = app.Program.TrackClick(program.ClickParams{Code: "JANE"})
		require.NoError(t, err)
		_, err = app.Program.SignIn("u")
		require.NoError(t, err)
		for _, interval := range []program.PayoutInterval{program.PayoutsWeekly, program.PayoutsMonthly} {
			_, err = app.Program.SetPayoutSchedule("c", interval)
			require.NoError(t, err)
		}
		w.Webhooks.Settle()
		for _, shown := range w.Webhooks.Deliveries() {
			assert.Equal(t, delivery.Pending, shown.State)
		}
		require.NoError(t, w.Snapshot().Write(&bytes.Buffer{}))
		require.NoError(t, w.Restore(w.Snapshot()))
		app = w.Apps()[0]
		w.advance(400 * 24 * time.Hour) // the clock of the configuration goes on
		require.NoError(t, w.Advance(0))
		assert.Equal(t, 9998, w.Now().Year(), "the server's time stands still")
	}
}
