package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

// node is the path of Node.js, which CI has to have.
func node(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		require.FailNow(t, "node is missing: install Node.js 20 or later", err)
	}
	t.Skip("node is missing: install Node.js 20 or later to run this test")
	return ""
}

// inbox records the calls of a handler's function.
type inbox struct {
	mu    sync.Mutex
	names map[string][]string // applicants by event id
}

func (i *inbox) receive(_ context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.names[event.ID] = append(i.names[event.ID], approved.Application.Name)
	return nil
}

func (i *inbox) received() map[string][]string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.names
}

func TestNodeSenderIsAccepted(t *testing.T) {
	program := node(t)
	inbox := &inbox{names: make(map[string][]string)}
	handler, err := webhooks.NewHandler(newVerifier(t, secret), webhooks.OnApplicationApproved(inbox.receive))
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	defer server.Close()

	statuses := sendFromNode(t, program, server.URL)

	handled := map[string]string{ // what was sent, and the applicant's name in it
		"plain":    "Jane Smith",
		"unicode":  "Zoë Ångström 株式会社 مرحبا 👩‍👩‍👧 \u2028",
		"escaped":  "a \"quote\", a \\, a \x00 and a \ufffd alone",
		"indented": "Jane Smith",
		"long":     "Jane Smith",
		"streamed": "Zoë Ångström 株式会社 مرحبا 👩‍👩‍👧 \u2028",
		"again":    "Jane Smith",
	}
	rotated := map[string]string{"rotated": "Jane Smith", "rotated back": "Jane Smith"}
	refused := []string{"other secret", "tampered", "encoded again", "unsigned"}
	untimely := []string{"old", "early"}

	wantStatuses, wantNames := make(map[string]int), make(map[string][]string)
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody, webhooks.SchemeStandard} {
		accept := func(sent map[string]string) {
			for what, name := range sent {
				wantStatuses[fmt.Sprintf("%v: %s", scheme, what)] = 200
				wantNames[fmt.Sprintf("evt_%v_%s", scheme, what)] = []string{name}
			}
		}
		refuse := func(sent []string) {
			for _, what := range sent {
				wantStatuses[fmt.Sprintf("%v: %s", scheme, what)] = 401
			}
		}
		accept(handled)
		wantStatuses[fmt.Sprintf("%v: again, a second time", scheme)] = 200
		refuse(refused)
		if scheme != webhooks.SchemeBody { // which has neither two signatures nor a timestamp
			accept(rotated)
			refuse(untimely)
		}
	}
	assert.Equal(t, wantStatuses, statuses)
	assert.Equal(t, wantNames, inbox.received(), "each event once, and no other")
}

// sendFromNode has sender.mjs post its deliveries, and returns the statuses of the responses.
func sendFromNode(t *testing.T, program, url string) map[string]int {
	t.Helper()
	var complaints bytes.Buffer
	sender := exec.CommandContext(t.Context(), program, "sender.mjs", url, secret, otherSecret)
	sender.Stderr = &complaints
	out, err := sender.Output()
	require.NoError(t, err, complaints.String())

	statuses := make(map[string]int)
	for lines := json.NewDecoder(bytes.NewReader(out)); lines.More(); {
		var response struct {
			Scheme string
			What   string
			Status int
		}
		require.NoError(t, lines.Decode(&response))
		statuses[response.Scheme+": "+response.What] = response.Status
	}
	return statuses
}

func TestNodeReceiverAcceptsReferenceServer(t *testing.T) {
	program := node(t)
	const name = "Zoë Ångström 株式会社 🙂 \u2028 <&>"
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody, webhooks.SchemeStandard} {
		t.Run("verify in the scheme "+scheme.String(), func(t *testing.T) {
			receiver := receiveInNode(t, program, secret)
			server := stackbetest.New(t)
			server.AddWebhook(stackbetest.WebhookParams{URL: receiver.url, Secret: secret, Scheme: scheme})
			approve(t, server, name)
			server.WaitForDeliveries()

			got := receiver.next(t)
			assert.True(t, got.Verified)
			assert.Equal(t, scheme.String(), got.Scheme)
			assert.Equal(t, 1, got.Signatures)
			assert.Equal(t, webhooks.EventApplicationApproved, got.Event.Event)
			assert.Equal(t, name, got.Event.Data.Application.Name)
			assert.Equal(t, stackbetest.DeliveryDelivered, server.Deliveries()[0].State)
		})
		t.Run("do not when corrupted, in the scheme "+scheme.String(), func(t *testing.T) {
			receiver := receiveInNode(t, program, secret)
			server := stackbetest.New(t)
			server.AddWebhook(stackbetest.WebhookParams{URL: receiver.url, Secret: secret, Scheme: scheme})
			for _, corruption := range []stackbetest.Misbehavior{stackbetest.CorruptBody(), stackbetest.CorruptSignature()} {
				server.Misbehave(corruption)
				approve(t, server, name)
				server.WaitForDeliveries()
				assert.False(t, receiver.next(t).Verified)
			}
			for _, delivery := range server.Deliveries() {
				assert.Equal(t, stackbetest.DeliveryPending, delivery.State, "it is to be retried")
				assert.Equal(t, 401, delivery.Attempts[0].StatusCode)
			}
		})
	}
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeStandard} {
		for receives, has := range map[string]string{"the old secret": secret, "the new secret": otherSecret} {
			t.Run(fmt.Sprintf("verify with %s while it is changed, in the scheme %v", receives, scheme), func(t *testing.T) {
				receiver := receiveInNode(t, program, has)
				server := stackbetest.New(t)
				id := server.AddWebhook(stackbetest.WebhookParams{URL: receiver.url, Secret: secret, Scheme: scheme})
				server.RotateWebhookSecret(id, otherSecret)
				approve(t, server, name)
				server.WaitForDeliveries()

				got := receiver.next(t)
				assert.True(t, got.Verified)
				assert.Equal(t, 2, got.Signatures)
			})
		}
		t.Run(fmt.Sprintf("do not when they are late, in the scheme %v", scheme), func(t *testing.T) {
			receiver := receiveInNode(t, program, secret)
			server := stackbetest.New(t)
			server.AddWebhook(stackbetest.WebhookParams{URL: receiver.url, Secret: secret, Scheme: scheme})
			server.Misbehave(stackbetest.Late(10 * time.Minute))
			approve(t, server, name)
			server.WaitForDeliveries()
			assert.False(t, receiver.next(t).Verified)
		})
	}
}

// approve applies under a name, and approves the application.
func approve(t *testing.T, server *stackbetest.Server, name string) {
	t.Helper()
	params := affiliates.ApplyParams{Email: fmt.Sprintf("partner%d@example.com", len(server.Deliveries())), Name: name}
	_, err := fixture.Enroll(t.Context(), server.Client().AsAdmin(server.AdminToken), params, "")
	require.NoError(t, err)
}

// nodeReceiver is a running receiver.mjs.
type nodeReceiver struct {
	url   string
	lines *json.Decoder
}

// nodeDelivery is the report of receiver.mjs about a delivery.
type nodeDelivery struct {
	Scheme     string
	Verified   bool
	Signatures int
	Refused    []string // the packages that refuse it
	Event      struct {
		ID    string
		Event webhooks.EventType
		Type  webhooks.EventType
		Data  webhooks.ApplicationApproved
	}
}

// receiveInNode starts receiver.mjs, which ends with the test. It verifies with these packages as well.
func receiveInNode(t *testing.T, program, secret string, packages ...string) *nodeReceiver {
	t.Helper()
	command := exec.Command(program, append([]string{"receiver.mjs", secret}, packages...)...)
	command.Stderr = t.Output()
	input, err := command.StdinPipe()
	require.NoError(t, err)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		assert.NoError(t, input.Close())
		_, err := io.Copy(io.Discard, output)
		assert.NoError(t, err)
		assert.NoError(t, command.Wait())
	})

	lines := json.NewDecoder(output)
	var port int
	require.NoError(t, lines.Decode(&port))
	return &nodeReceiver{fmt.Sprintf("http://127.0.0.1:%d/", port), lines}
}

func (r *nodeReceiver) next(t *testing.T) (got nodeDelivery) {
	t.Helper()
	require.NoError(t, r.lines.Decode(&got))
	return got
}
