package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRunPrintsWhatThePartnerEarned(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out))
	assert.Equal(t, `A visitor opens /?ref=JANE20
The address bar shows /
john@company.com signed up, by the link of JANE20
The customer pays for pro
Jane Smith: clicks: 1, customers: 1, earned: $4.00
`, out.String())
}

func TestRunServesTheSiteUntilInterrupted(t *testing.T) {
	reader, writer := io.Pipe()
	lines := bufio.NewScanner(reader)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-listen", "127.0.0.1:0"}, writer) }()
	require.True(t, lines.Scan())
	site := regexp.MustCompile(`http://[^/]+`).FindString(lines.Text())
	require.NotEmpty(t, site, lines.Text())

	v, err := newVisitor(site)
	require.NoError(t, err)
	visited := make(chan error, 1)
	go func() { visited <- v.visit(ctx, func(string) {}) }()
	for _, want := range []string{"by the link of JANE20", "customers: 1", "pays for pro", "earned: $4.00"} {
		require.True(t, lines.Scan())
		assert.Contains(t, lines.Text(), want)
	}
	require.NoError(t, <-visited)
	interrupt()
	assert.NoError(t, <-ended)
}

func TestRunRefusesArguments(t *testing.T) {
	assert.Error(t, run(t.Context(), []string{"more"}, io.Discard))
	assert.Error(t, run(t.Context(), []string{"-listen", "nowhere"}, io.Discard))
}

func TestSite(t *testing.T) {
	p, err := startProgram(t.Context())
	require.NoError(t, err)
	defer p.close()
	var said []string
	site := newSite(p, func(line string) { said = append(said, line) })
	v := newTestVisitor(t, site)

	assert.Contains(t, v.post("/sign-up", "email=jane"), "422")
	assert.Contains(t, v.post("/sign-up", "email=jane@acme.com"), "422", "the partner's own")
	assert.Contains(t, v.post("/checkout", ""), "303 /sign-up", "before a sign-up")
	assert.Contains(t, v.post("/sign-up", "email=amir@example.com"), "303 /checkout")
	assert.Equal(t, []string{"amir@example.com signed up, by nobody's link"}, said)
	assert.Contains(t, v.post("/checkout", "", "Sec-Fetch-Site", "cross-site"), "403")
	assert.Equal(t, http.StatusOK, v.get("/checkout"))
}
