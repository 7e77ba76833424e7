// Package mock drives stackbe-mock with programs in other languages.
package mock

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/e2e/mock/executable"
)

// requireProgram skips the test if a program is missing; in CI, the test fails.
func requireProgram(t *testing.T, name string) {
	t.Helper()
	_, err := exec.LookPath(name)
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		require.FailNow(t, name+" is missing", err)
	}
	t.Skip(name + " is missing: install it to run this test")
}

// program.mjs starts stackbe-mock by itself, as a test suite in Node.js would.
func TestNodePlaysProgramFromApplicationToPayout(t *testing.T) {
	requireProgram(t, "node")
	program := exec.CommandContext(t.Context(), "node", "program.mjs", executable.Build(t))
	program.Stderr = t.Output()
	output, err := program.Output()
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"applied": "pending", "duplicate": 409, "refusal": "ALREADY_EXISTS",
		"events": ["partner_application_approved", "customer.created", "subscription.created", "payment.succeeded"],
		"welcome": "JANE20", "clicks": 1, "customers": 1,
		"inReview": 50, "ready": 50, "payout": 50, "replayed": "true", "second": "PAYOUT_OPEN", "paid": 50,
		"deliveries": "delivered", "unauthorized": 401, "status": 0
	}`, string(output))
}
