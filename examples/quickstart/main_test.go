package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/stackbetest"
)

// withoutAccount unsets the variables that make the example call StackBE.
func withoutAccount(t *testing.T) {
	for _, name := range []string{"STACKBE_API_KEY", "STACKBE_BASE_URL", "STACKBE_APP_ID", "STACKBE_ADMIN_TOKEN", "STACKBE_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
}

func TestRunOnEmbeddedServer(t *testing.T) {
	withoutAccount(t)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	for _, line := range []string{
		" 1. apply          Jane Smith applied; the application is pending\n",
		" 2. apply again    refused, as it should be: 409 Conflict: ",
		" 3. status         applied: true, status: pending\n",
		" 5. approve        Jane Smith is a partner now, with the referral code JANE20\n",
		" 6. webhook        partner_application_approved arrived and is verified: ",
		"10. click          a visitor followed the link of JANE20\n",
		"11. deal           John Smith is registered as a lead\n",
		"12. commission     the visitor signed up and paid $49.99; clicks: 1, earned: $10.00 ",
		"13. user           visitor@example.com came by a click; earned so far: $10.00\n",
		"14. ready          $10.00 of it can be paid out from ",
	} {
		assert.Contains(t, out.String(), line)
	}
}

func TestRunOnAnotherServer(t *testing.T) {
	server := stackbetest.New(t)
	withoutAccount(t)
	t.Setenv("STACKBE_BASE_URL", server.URL)
	var out bytes.Buffer
	assert.ErrorContains(t, run(t.Context(), &out), "STACKBE_API_KEY is not")

	t.Setenv("STACKBE_API_KEY", server.APIKey)
	require.NoError(t, run(t.Context(), &out))
	assert.Contains(t, out.String(), "left out: set STACKBE_ADMIN_TOKEN")
	assert.Contains(t, out.String(), "left out: set STACKBE_SESSION_TOKEN")

	t.Setenv("STACKBE_APP_ID", server.AppID)
	t.Setenv("STACKBE_ADMIN_TOKEN", server.AdminToken)
	require.NoError(t, run(t.Context(), &out), "each run applies with another email")
	assert.Contains(t, out.String(), "Jane Smith is a partner now")
}
