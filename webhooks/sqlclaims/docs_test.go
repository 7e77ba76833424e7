package sqlclaims_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTestsNamedByClaimsPageExist(t *testing.T) {
	if _, err := os.Stat("../../e2e"); err != nil {
		t.Skip("the module e2e is not here, as in a module cache")
	}
	page, err := os.ReadFile("../../docs/claims-sql.md")
	require.NoError(t, err)
	var tests strings.Builder
	for _, pattern := range []string{"*_test.go", "../*_test.go", "../../e2e/stores/*_test.go", "../../e2e/storm/*_test.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			tests.Write(source)
		}
	}
	names := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, names)
	for _, name := range names {
		assert.Contains(t, tests.String(), "func "+name[1]+"(")
	}
}
