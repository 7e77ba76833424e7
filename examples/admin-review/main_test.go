package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

func withoutAccount(t *testing.T) {
	for _, name := range []string{"STACKBE_API_KEY", "STACKBE_BASE_URL", "STACKBE_APP_ID", "STACKBE_ADMIN_TOKEN"} {
		t.Setenv(name, "")
	}
}

func TestRunDecidesOnEmbeddedServer(t *testing.T) {
	withoutAccount(t)
	for args, want := range map[[2]string]string{
		{}:                           "Approved Jane Smith: customer cust_",
		{"-code", "JANE20"}:          "referral code JANE20\n",
		{"-reject", "Not this time"}: "Rejected Jane Smith: Not this time\n",
	} {
		var given []string
		if args[0] != "" {
			given = args[:]
		}
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), given, &out))
		assert.Contains(t, out.String(), want)
		assert.Contains(t, out.String(), "Amir Haddad")
	}
}

func TestRunRefusesAmbiguousArguments(t *testing.T) {
	for _, args := range [][]string{
		{"-reject", ""}, {"-id", ""}, {"-code", ""}, {"-reject", "Not", "a", "good", "fit"}, {"extra"}, {"-reject", "no", "-code", "JANE20"}, {"-unknown"},
	} {
		var out bytes.Buffer
		assert.ErrorIs(t, run(t.Context(), args, &out), errUsage, "%q", args)
		assert.NotContains(t, out.String(), "Approved")
	}
}

func TestRunDecidesOnAnotherServerOnlyTheNamedApplication(t *testing.T) {
	server := stackbetest.New(t)
	receipt, err := server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
	require.NoError(t, err)
	withoutAccount(t)
	t.Setenv("STACKBE_BASE_URL", server.URL)
	var out bytes.Buffer
	assert.ErrorContains(t, run(t.Context(), nil, &out), "STACKBE_API_KEY is not")
	t.Setenv("STACKBE_API_KEY", server.APIKey)
	assert.ErrorContains(t, run(t.Context(), nil, &out), "set STACKBE_APP_ID")
	t.Setenv("STACKBE_APP_ID", server.AppID)
	t.Setenv("STACKBE_ADMIN_TOKEN", server.AdminToken)

	require.NoError(t, run(t.Context(), nil, &out))
	assert.Contains(t, out.String(), "Nothing decided")
	require.NoError(t, run(t.Context(), []string{"-id", receipt.ID}, &out))
	assert.Contains(t, out.String(), "Approved Jane: ")
}
