package main

import (
	"flag"
	"go/parser"
	"go/token"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDocListsFlags(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	require.NoError(t, err)
	for heading, flags := range map[string]*flag.FlagSet{
		"Flags":            newFlags(&options{}),
		"Flags of trigger": newTriggerFlags(&triggering{}),
		"Flags of send":    newSendFlags(&sending{}),
		"Flags of health":  newHealthFlags(&checkup{}),
	} {
		_, listed, _ := strings.Cut(file.Doc.Text(), "\n# "+heading+"\n")
		listed, _, _ = strings.Cut(listed, "\n# ")
		var usage strings.Builder
		flags.SetOutput(&usage)
		flags.PrintDefaults()
		assert.Equal(t, strings.Fields(usage.String()), strings.Fields(listed), heading)
	}
}

func TestFlagErrorIsNotFollowedByUsage(t *testing.T) {
	for name, args := range map[string][]string{
		"an unknown flag":          {"-port", "1"},
		"a value that is no bool":  {"-rate-limits=maybe"},
		"an unusable delay":        {"-webhook-retries", "5"},
		"an unusable contract":     {"-contract", contractFile(t, `{"Color": "green"}`)},
		"a file that there is not": {"-contract", "none.json"},
	} {
		var stdout strings.Builder
		err := run(t.Context(), args, &stdout)
		require.Error(t, err, name)
		assert.Empty(t, stdout.String(), name)
		assert.NotContains(t, err.Error(), "\n", name)
	}
	assert.Error(t, run(t.Context(), []string{"-help"}, io.Discard))
}
