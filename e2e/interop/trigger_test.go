package interop

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/e2e/mock/executable"
	"github.com/stackbe/stackbe-go/webhooks"
)

// packages are those of npm that verify the scheme standard.
var packages = []string{"standardwebhooks", "svix"}

// requirePackages skips the test if the packages of e2e are not installed; in CI, the test fails.
func requirePackages(t *testing.T) {
	t.Helper()
	for _, name := range packages {
		if _, err := os.Stat(filepath.Join("../node_modules", name)); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			require.FailNow(t, "run npm ci in e2e")
		}
		t.Skip("run npm ci in e2e to run this test")
	}
}

var events = []webhooks.EventType{
	webhooks.EventApplicationApproved, webhooks.EventApplicationRejected,
	webhooks.EventSubscriptionCreated, webhooks.EventSubscriptionUpdated, webhooks.EventSubscriptionCanceled,
	webhooks.EventSubscriptionPaused, webhooks.EventSubscriptionResumed,
	webhooks.EventCustomerCreated, webhooks.EventCustomerUpdated,
	webhooks.EventPaymentSucceeded, webhooks.EventPaymentFailed, webhooks.EventEntitlementsUpdated,
}

// stackbe-mock trigger sends each event in each scheme and envelope, and Node.js verifies it.
func TestTriggeredEventsAreAcceptedInNode(t *testing.T) {
	program := node(t)
	requirePackages(t)
	mock := executable.Build(t)
	receiver := receiveInNode(t, program, secret, packages...)
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody, webhooks.SchemeStandard} {
		for _, envelope := range []string{"partner", "general", "bare"} {
			for _, event := range events {
				name := scheme.String() + ", " + envelope + ", " + string(event)
				output, err := run(t, mock, "trigger", string(event), "-to", receiver.url, "-secret", secret,
					"-scheme", scheme.String(), "-envelope", envelope)
				require.NoError(t, err, "%s: %s", name, output)
				got := receiver.next(t)
				assert.True(t, got.Verified, name)
				assert.Empty(t, got.Refused, name)
				assert.Equal(t, scheme.String(), got.Scheme, name)
				assert.Equal(t, event, cmp.Or(got.Event.Event, got.Event.Type), name)
			}
		}
	}
}

func TestTriggerFailsWhenNodeRefuses(t *testing.T) {
	program := node(t)
	requirePackages(t)
	mock := executable.Build(t)
	receiver := receiveInNode(t, program, secret, packages...)
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody, webhooks.SchemeStandard} {
		output, err := run(t, mock, "trigger", string(webhooks.EventCustomerCreated), "-to", receiver.url, "-secret", otherSecret, "-scheme", scheme.String())
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, "%v", scheme)
		assert.Equal(t, 1, exit.ExitCode())
		assert.Contains(t, output, "did not accept")
		assert.Contains(t, output, "401")
		got := receiver.next(t)
		assert.False(t, got.Verified)
		if scheme == webhooks.SchemeStandard {
			assert.Equal(t, packages, got.Refused)
		}
	}
}

func TestTriggerSetsFields(t *testing.T) {
	program := node(t)
	mock := executable.Build(t)
	receiver := receiveInNode(t, program, secret)
	output, err := run(t, mock, "trigger", string(webhooks.EventApplicationApproved), "-to", receiver.url, "-secret", secret,
		"-set", "application.name=Zoë 株式会社 <&>", "-set", "affiliate.code=ZOE20", "-set", "id=evt_zoe")
	require.NoError(t, err, output)
	got := receiver.next(t)
	assert.True(t, got.Verified)
	assert.Equal(t, "evt_zoe", got.Event.ID)
	assert.Equal(t, "Zoë 株式会社 <&>", got.Event.Data.Application.Name)
	assert.Equal(t, "ZOE20", got.Event.Data.Affiliate.Code)
}

func TestSentBodyIsAcceptedInNodeAsItIs(t *testing.T) {
	program := node(t)
	requirePackages(t)
	mock := executable.Build(t)
	receiver := receiveInNode(t, program, secret, packages...)
	body := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(body, []byte("{ \"id\": \"evt_1\",\r\n\t\"type\": \"a.b\", \"data\": {\"n\": 1.50, \"é\": \"\\u00e9\"} }\n"), 0o600))
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody, webhooks.SchemeStandard} {
		output, err := run(t, mock, "send", "-body", body, "-to", receiver.url, "-secret", secret, "-scheme", scheme.String())
		require.NoError(t, err, output)
		got := receiver.next(t)
		assert.True(t, got.Verified, "%v", scheme)
		assert.Empty(t, got.Refused, "%v", scheme)
	}
}

// run runs a program, and returns all that it prints.
func run(t *testing.T, program string, arguments ...string) (string, error) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput()
	return string(output), err
}
