package api

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/stackbe/stackbe-go/api"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// stated is a code as a document states it.
type stated struct {
	code, source string
	status       int
}

var (
	codeInTable   = regexp.MustCompile("(?m)^\\| (?P<status>\\d{3}) \\| `(?P<code>[A-Z_]+)` \\| .* \\| (?P<source>\\w+) \\|$")
	codeConstant  = regexp.MustCompile(`(?m)^\tCode\w+ += "(?P<code>\w+)" +// (?P<source>\w+): (?P<status>\d{3})`)
	anyConstant   = regexp.MustCompile(`(?m)^\tCode\w+`)
	errorExample  = regexp.MustCompile(`statusCode: (\d{3})(?:,?\s+code: (\w+))?`)
	codesInSchema = regexp.MustCompile(`(?ms)^    Error:$.*?^        code:$.*?^          examples:\n(.*?)^        message:$`)
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(path)))
	require.NoError(t, err)
	return string(text)
}

// statedIn returns the codes of a file that pattern finds, with their status and source.
func statedIn(t *testing.T, path string, pattern *regexp.Regexp) []stated {
	t.Helper()
	var all []stated
	for _, match := range pattern.FindAllStringSubmatch(read(t, path), -1) {
		group := func(name string) string { return match[pattern.SubexpIndex(name)] }
		status, err := strconv.Atoi(group("status"))
		require.NoError(t, err)
		all = append(all, stated{code: group("code"), source: group("source"), status: status})
	}
	require.NotEmpty(t, all)
	return all
}

func TestErrorCodesAgree(t *testing.T) {
	table := statedIn(t, "docs/contract.md", codeInTable)

	t.Run("the server sends those of the contract, each with its status", func(t *testing.T) {
		inTable := map[program.ErrorCode]int{}
		for _, one := range table {
			inTable[program.ErrorCode(one.code)] = one.status
		}
		assert.Equal(t, inTable, statuses)
		assert.Len(t, table, len(statuses), "a code stands once in the table")
	})

	t.Run("the constants of the SDK have the status and source of the contract", func(t *testing.T) {
		constants := statedIn(t, "codes.go", codeConstant)
		assert.Equal(t, table, constants)
		assert.Len(t, anyConstant.FindAllString(read(t, "codes.go"), -1), len(constants), "every constant has a comment")
	})

	t.Run("the OpenAPI document lists them", func(t *testing.T) {
		list := codesInSchema.FindSubmatch(contract.OpenAPI())
		require.NotNil(t, list)
		listed := strings.Fields(strings.ReplaceAll(string(list[1]), "- ", ""))
		var codes []string
		for _, one := range table {
			codes = append(codes, one.code)
		}
		assert.Equal(t, codes, listed)
	})

	t.Run("the examples of the OpenAPI document have the code's status", func(t *testing.T) {
		examples := errorExample.FindAllSubmatch(contract.OpenAPI(), -1)
		require.NotEmpty(t, examples)
		for _, example := range examples {
			code := program.ErrorCode(example[2])
			assert.Equal(t, strconv.Itoa(statuses[code]), string(example[1]), "%q", code)
		}
	})
}
