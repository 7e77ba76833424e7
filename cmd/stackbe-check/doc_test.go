package main

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDocListsFlags(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	require.NoError(t, err)
	_, listed, _ := strings.Cut(file.Doc.Text(), "\n# Flags\n")
	var usage strings.Builder
	flags := newFlags(&options{})
	flags.SetOutput(&usage)
	flags.PrintDefaults()
	assert.Equal(t, strings.Fields(usage.String()), strings.Fields(listed))
}

func TestFlagErrorIsPrintedOnceWithoutUsage(t *testing.T) {
	for name, args := range map[string][]string{
		"an unknown flag":         {"-color"},
		"a value that is no bool": {"-write=maybe"},
		"an argument":             {"now"},
	} {
		p := runCheck(t, nil, args...)
		assert.Equal(t, exitFailed, p.status, name)
		assert.Equal(t, 1, strings.Count(p.output, "\n"), p.output)
		assert.Contains(t, p.output, "-help", name)
	}
}

func TestHelpIsPrintedToStandardOutput(t *testing.T) {
	var stdout, stderr strings.Builder
	assert.Equal(t, exitHolds, run(t.Context(), []string{"-help"}, func(string) string { return "" }, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "STACKBE_ADMIN_TOKEN")
	assert.Empty(t, stderr.String())
}
