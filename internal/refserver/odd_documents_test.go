package refserver_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
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

const (
	firstSecret  = "whsec_c2VjcmV0IG9mIHRoZSBvZGQgZG9jdW1lbnRzIDE="
	secondSecret = "whsec_c2VjcmV0IG9mIHRoZSBvZGQgZG9jdW1lbnRzIDI="
)

// oddWorld has a webhook whose receiver fails, and a pending delivery with an attempt for each kind of event.
func oddWorld(t *testing.T) (w world, sound []byte) {
	t.Helper()
	w = newWorld(t)
	t.Cleanup(w.Close)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(receiver.Close)
	_, err := w.Webhooks.AddEndpoint(w.ID, delivery.EndpointParams{URL: receiver.URL, Secret: firstSecret})
	require.NoError(t, err)
	customerID := w.customer(t, program.CustomerParams{Email: "jane@acme.com"})
	w.partner(t, "joe@acme.com", "JOE20")
	_, err = w.Program.Subscribe(program.SubscriptionParams{CustomerID: customerID, Plan: "pro"})
	require.NoError(t, err)
	w.Webhooks.Settle()
	var written bytes.Buffer
	require.NoError(t, w.Snapshot().Write(&written))
	return w, written.Bytes()
}

// set changes a value of a JSON document. The path has the names of fields and the indexes of arrays.
func set(document any, path string, value any) {
	first, rest, more := strings.Cut(path, ".")
	switch within := document.(type) {
	case map[string]any:
		if more {
			set(within[first], rest, value)
			return
		}
		within[first] = value
	case []any:
		at, _ := strconv.Atoi(first)
		if more {
			set(within[at], rest, value)
			return
		}
		within[at] = value
	}
}

func TestOddWebhooksAndDeliveriesAreRefusedOrServed(t *testing.T) {
	w, sound := oddWorld(t)
	const kept = "" // the document is accepted
	for name, test := range map[string]struct {
		path    string // to the value that is changed
		value   string // as JSON
		problem string // what the error says
	}{
		"the sound document":                            {"version", `1`, kept},
		"a webhook whose only secret has expired":       {"webhooks.0.secrets", `[{"secret": "` + firstSecret + `", "expiresAt": "2020-01-01T00:00:00Z"}]`, "webhooks[0]: secrets[0].expiresAt"},
		"a webhook whose only secret will expire":       {"webhooks.0.secrets", `[{"secret": "` + firstSecret + `", "expiresAt": "2026-03-02T00:00:00Z"}]`, "webhooks[0]: secrets[0].expiresAt"},
		"a webhook whose newest secret expires first":   {"webhooks.0.secrets", `[{"secret": "` + firstSecret + `", "expiresAt": "2026-03-02T00:00:00Z"}, {"secret": "` + secondSecret + `"}]`, "webhooks[0]: secrets[0].expiresAt"},
		"a webhook with an old secret that has expired": {"webhooks.0.secrets", `[{"secret": "` + firstSecret + `"}, {"secret": "` + secondSecret + `", "expiresAt": "2020-01-01T00:00:00Z"}]`, kept},
		"a webhook with an old secret that will expire": {"webhooks.0.secrets", `[{"secret": "` + firstSecret + `"}, {"secret": "` + secondSecret + `", "expiresAt": "2026-03-02T00:00:00Z"}]`, kept},
		"a webhook with two secrets that do not expire": {"webhooks.0.secrets", `[{"secret": "` + firstSecret + `"}, {"secret": "` + secondSecret + `"}]`, kept},
		"a webhook with the same secret twice":          {"webhooks.0.secrets", `[{"secret": "` + firstSecret + `"}, {"secret": "` + firstSecret + `"}]`, kept},
		"a webhook with an empty old secret":            {"webhooks.0.secrets", `[{"secret": "` + firstSecret + `"}, {"secret": "", "expiresAt": "2026-03-02T00:00:00Z"}]`, "webhooks[0]"},
		"a webhook with an old secret that is short":    {"webhooks.0.secrets", `[{"secret": "` + firstSecret + `"}, {"secret": "a", "expiresAt": "2026-03-02T00:00:00Z"}]`, "webhooks[0]"},
		"a webhook without a secret":                    {"webhooks.0.secrets", `[]`, "webhooks[0]: secrets"},
		"a webhook that times out after nothing":        {"webhooks.0.timeout", `"-1s"`, "webhooks[0]"},
		"a webhook that times out after 292 years":      {"webhooks.0.timeout", `"2562047h47m16.854775807s"`, kept},
		"a webhook with another's header":               {"webhooks.0.header", `"Content-Length"`, "webhooks[0]"},
		"a webhook with a header of the connection":     {"webhooks.0.header", `"Transfer-Encoding"`, kept},
		"a webhook of two events that are one":          {"webhooks.0.events", `["customer.created", "customer.created"]`, kept},
		"a webhook with an id that is a folder":         {"webhooks.0.id", `".."`, "deliveries[0]"},
		"a disabled webhook with pending deliveries":    {"webhooks.0.disabled", `true`, "deliveries[0]: state"},
		"two webhooks with one id":                      {"webhooks", `[{"id": "w", "appId": "` + w.ID + `", "url": "http://127.0.0.1:9", "secrets": [{"secret": "` + firstSecret + `"}]}, {"id": "w", "appId": "` + w.ID + `", "url": "http://127.0.0.1:9", "secrets": [{"secret": "` + firstSecret + `"}]}]`, "webhooks[1]"},

		"a delivery to no webhook":                    {"deliveries.0.webhookId", `"wh_none"`, "deliveries[0]"},
		"a delivery in no state":                      {"deliveries.0.state", `"lost"`, "deliveries[0]"},
		"a delivery that is delivered and waits":      {"deliveries.0.state", `"delivered"`, kept},
		"a delivery that is given up and waits":       {"deliveries.0.state", `"given up"`, kept},
		"a delivery that is canceled and waits":       {"deliveries.0.state", `"canceled"`, kept},
		"a delivery that waits since the year 1":      {"deliveries.0.nextAttempt", `"0001-01-01T00:00:01Z"`, kept},
		"a delivery that waits for no time":           {"deliveries.0.nextAttempt", `"0001-01-01T00:00:00Z"`, kept},
		"a delivery that waits until 9998":            {"deliveries.0.nextAttempt", `"9998-12-31T23:59:59Z"`, kept},
		"a delivery that waits until 10000 in UTC":    {"deliveries.0.nextAttempt", `"9999-12-31T23:59:59-10:00"`, "deliveries[0].nextAttempt"},
		"a delivery with fewer failures than none":    {"deliveries.0.failures", `-1`, "deliveries[0]: failures"},
		"a delivery with more failures than retries":  {"deliveries.0.failures", `1073741824`, kept},
		"a delivery with one failure too many":        {"deliveries.0.failures", `1073741825`, "deliveries[0]: failures"},
		"a delivery with fewer attempts than none":    {"deliveries.0.droppedAttempts", `-1`, "deliveries[0]: droppedAttempts"},
		"a delivery with too many attempts to count":  {"deliveries.0.droppedAttempts", maxInt, "deliveries[0]: droppedAttempts"},
		"a delivery without attempts":                 {"deliveries.0.attempts", `null`, kept},
		"a delivery with more attempts than are kept": {"deliveries.0.attempts", `[` + strings.Repeat(`{"started": "2026-03-01T12:00:20Z", "duration": "1s", "status": 500},`, 200) + `{"started": "2026-03-01T12:00:20Z", "duration": "1s", "status": 500}]`, kept},
		"an attempt at no time":                       {"deliveries.0.attempts.0", `{"started": "0001-01-01T00:00:00Z", "duration": "0s"}`, kept},
		"an attempt before the first year":            {"deliveries.0.attempts.0.started", `"0000-01-01T00:00:00+14:00"`, "deliveries[0].attempts[0].started"},
		"an attempt that ended before it began":       {"deliveries.0.attempts.0.duration", `"-1s"`, kept},
		"an attempt with a response and an error":     {"deliveries.0.attempts.0.error", `"refused"`, kept},
		"an attempt with a negative status":           {"deliveries.0.attempts.0.status", `-200`, "deliveries[0]: attempts[0].status"},
		"an attempt with a status of four digits":     {"deliveries.0.attempts.0.status", `2000`, "deliveries[0]: attempts[0].status"},
		"an attempt with an empty exchange":           {"deliveries.0.attempts.0.exchange", `{}`, kept},
		"an attempt with a header of no name":         {"deliveries.0.attempts.0.exchange", `{"requestHeader": {"": [""], "a\nb": null}}`, kept},

		"an event of no kind":                       {"deliveries.0.event.kind", `"rain"`, "deliveries[0]: kind"},
		"an event without an id":                    {"deliveries.0.event.id", `""`, "deliveries[0]"},
		"an event whose id no signature can have":   {"deliveries.0.event.id", `"a.b / ü"`, kept},
		"an event whose id is a folder":             {"deliveries.0.event.id", `".."`, kept},
		"an event that happened twice":              {"deliveries.1.event.id", `"evt_twice"`, kept},
		"an event without its records":              {"deliveries.0.event.customer", `null`, "deliveries[0]"},
		"an event of no time":                       {"deliveries.0.event.at", `"0001-01-01T00:00:00Z"`, "deliveries[0]"},
		"an event that happened in 10000 in UTC":    {"deliveries.0.event.at", `"9999-12-31T23:59:59-10:00"`, "deliveries[0].event.at"},
		"an event in another zone":                  {"deliveries.0.event.at", `"2026-03-01T12:00:20+14:00"`, kept},
		"an event of a subscription of no time":     {"deliveries.2.event.subscription.createdAt", `"0001-01-01T00:00:00Z"`, kept},
		"an event of a subscription until 10000":    {"deliveries.2.event.subscription.createdAt", `"9998-12-31T00:00:00Z"`, kept},
		"an event of a subscription of 2,000 years": {"deliveries.2.event.subscription.months", `110000`, "deliveries[2]: subscription"},
		"an event of a subscription before year 0":  {"deliveries.2.event.subscription.months", `-110000`, "deliveries[2]: subscription"},
		"an event of a subscription to no plan":     {"deliveries.2.event.subscription.plan", `"gold"`, "deliveries[2]"},
		"an event that waits, of 2,000 years":       {"apps.0.outbox", `[{"id": "evt_0", "kind": "subscription.created", "at": "2026-03-01T12:00:20Z", "customer": {}, "subscription": {"id": "s", "plan": "pro", "createdAt": "2026-03-01T12:00:20Z", "months": 110000}}]`, "outbox[0]: subscription"},
		"fewer deliveries than none that are gone":  {"droppedDeliveries", `-1`, "droppedDeliveries"},
		"too many deliveries to count":              {"droppedDeliveries", maxInt, "droppedDeliveries"},
	} {
		for _, scheme := range []string{"timestamped", "body", "standard"} {
			t.Run(name+", scheme "+scheme, func(t *testing.T) {
				var document, value any
				require.NoError(t, json.Unmarshal(sound, &document))
				decoder := json.NewDecoder(strings.NewReader(test.value))
				decoder.UseNumber()
				require.NoError(t, decoder.Decode(&value))
				set(document, "webhooks.0.scheme", scheme)
				set(document, test.path, value)
				changed, err := json.Marshal(document)
				require.NoError(t, err)
				read, err := refserver.ReadDocument(bytes.NewReader(changed))
				require.NoError(t, err)

				err = w.Restore(read)
				if test.problem != kept {
					require.ErrorContains(t, err, test.problem)
					return
				}
				require.NoError(t, err)
				assertServed(t, w)
			})
		}
	}
}

// assertServed plays all that a restored state takes part in.
func assertServed(t *testing.T, w world) {
	t.Helper()
	openDeliveries(t, w)
	_, err := w.Program.CreateCustomer(program.CustomerParams{Email: "new@acme.com"})
	require.NoError(t, err)
	w.Webhooks.Settle()
	require.NoError(t, w.Advance(10*day))
	openDeliveries(t, w)
	for _, of := range w.Webhooks.Deliveries() {
		assert.False(t, of.State == delivery.Pending && of.NextAttempt.Before(w.Now()), "%s waits for a time that is over", of.EventID)
	}
	for _, endpoint := range w.Webhooks.Endpoints() {
		require.NoError(t, w.Webhooks.RotateSecret(endpoint.ID, "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhlIG9kZCBkb2N1bWVudHM="))
	}
	var written bytes.Buffer
	require.NoError(t, w.Snapshot().Write(&written))
	again, err := refserver.ReadDocument(&written)
	require.NoError(t, err)
	require.NoError(t, w.Restore(again))
}

var hrefs = regexp.MustCompile(`href="(/console/webhooks[^"?]*)`)

// openDeliveries opens the console's pages of webhooks and deliveries.
func openDeliveries(t *testing.T, w world) {
	t.Helper()
	path, err := w.ConsoleLink(w.ID)
	require.NoError(t, err)
	b := newBrowser(t, w)
	require.Equal(t, http.StatusSeeOther, b.post(t, path).status)
	opened := map[string]bool{}
	var open func(path string)
	open = func(path string) {
		if opened[path] {
			return
		}
		opened[path] = true
		got := b.request(t, "GET", path, nil)
		require.Less(t, got.status, 500, "%s: %s", path, got.body)
		for _, found := range hrefs.FindAllStringSubmatch(got.body, -1) {
			open(found[1])
		}
	}
	open("/console/webhooks")
	require.Greater(t, len(opened), 1)
}

func TestWebhooksAddedAfterRestoreHaveIDsOfTheirOwn(t *testing.T) {
	w := newUnservedWorld(t)
	add := func() {
		t.Helper()
		_, err := w.Webhooks.AddEndpoint(w.ID, delivery.EndpointParams{URL: "http://127.0.0.1:9", Secret: firstSecret})
		require.NoError(t, err)
	}
	add()
	document := w.Snapshot()
	document.IDs = nil // as in a document that a person has shortened
	require.NoError(t, w.Restore(document))
	add()
	assert.NotEqual(t, w.Webhooks.Endpoints()[0].ID, w.Webhooks.Endpoints()[1].ID)
	assert.NoError(t, w.Restore(w.Snapshot()))
}

func TestSnapshotOfAnyStatusIsRestored(t *testing.T) {
	for _, status := range []int{0, 1, 42, 101, 999} {
		w := newUnservedWorld(t)
		t.Cleanup(w.Close)
		_, err := w.Webhooks.AddEndpoint(w.ID, delivery.EndpointParams{URL: "http://receiver.test", Secret: firstSecret, Transport: receives(func(*http.Request) int { return status })})
		require.NoError(t, err)
		w.customer(t, program.CustomerParams{Email: "jane@acme.com"})
		w.Webhooks.Settle()
		assert.NoError(t, w.Restore(w.Snapshot()), "status %d", status)
	}
}

func TestSnapshotHasNoWebhookOfAnAppThatIsGone(t *testing.T) {
	w := newUnservedWorld(t)
	t.Cleanup(w.Close)
	for _, appID := range []string{"app_gone", w.ID} { // an admin may add one while another state is restored
		_, err := w.Webhooks.AddEndpoint(appID, delivery.EndpointParams{URL: "http://127.0.0.1:9", Secret: firstSecret})
		require.NoError(t, err)
		w.Webhooks.Publish(appID, program.Event{ID: "evt_" + appID, Kind: program.CustomerCreated, At: start, Customer: &program.Customer{}})
	}
	snapshot := w.Snapshot()
	require.NoError(t, w.Restore(snapshot))
	assert.Len(t, snapshot.Webhooks, 1)
	assert.Len(t, snapshot.Deliveries, 1)
}

func TestDeliveriesOfADocumentAreBounded(t *testing.T) {
	w, sound := oddWorld(t)
	document, err := refserver.ReadDocument(bytes.NewReader(sound))
	require.NoError(t, err)
	for len(document.Deliveries) <= 10_000 {
		document.Deliveries = append(document.Deliveries, document.Deliveries[0])
	}
	assert.ErrorContains(t, w.Restore(document), "deliveries: ")
	document.Deliveries = document.Deliveries[:10_000]
	for i := range document.Deliveries {
		document.Deliveries[i].NextAttempt = start.Add(365 * day)
	}
	require.NoError(t, w.Restore(document))
	w.customer(t, program.CustomerParams{Email: "new@acme.com"})
	assert.Len(t, w.Webhooks.Deliveries(), 10_000)
}

func TestRecordsThatNoClockReachesAreRefused(t *testing.T) {
	w := newUnservedWorld(t)
	t.Cleanup(w.Close)
	w.partner(t, "joe@acme.com", "JOE20")
	w.pay(t, w.customer(t, program.CustomerParams{Email: "jane@acme.com", ReferralCode: "JOE20"}), 10_000)
	paid := w.Snapshot().Apps[0]
	for at, problem := range map[time.Time]string{
		start.AddDate(200, 0, 0):                     "",
		start.AddDate(300, 0, 0):                     "apps[0]: the newest record is of 2326-03-01",
		time.Date(9999, 11, 1, 0, 0, 0, 0, time.UTC): "apps[0]: commissions[0]: createdAt",
	} {
		app, commission := paid, *paid.Commissions[0]
		commission.CreatedAt = at
		app.Commissions, app.Ledger, app.Schedule = []*program.Commission{&commission}, nil, nil
		err := w.Restore(refserver.Document{Apps: []refserver.AppDocument{app}})
		if problem != "" {
			assert.ErrorContains(t, err, problem)
			continue
		}
		require.NoError(t, err)
		w.pay(t, commission.CustomerID, 10_000)
		assert.NoError(t, w.Restore(w.Snapshot()))
	}
}
