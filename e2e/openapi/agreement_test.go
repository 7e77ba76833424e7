package openapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/api"
	"github.com/stackbe/stackbe-go/e2e/openapi"
)

// A stated endpoint is "METHOD /path (credential)" with its source, as in "StackBE".
type stated map[string]string

var names = regexp.MustCompile(`\{[^}]*\}`)

func (s stated) add(method, path, credential, source string) {
	path, _, _ = strings.Cut(path, "?")
	s[method+" "+names.ReplaceAllString(path, "{}")+" ("+credential+")"] = source
}

// inDocument are the operations, those without a credential only where pages are wanted.
func inDocument(t *testing.T, pages bool) stated {
	t.Helper()
	document, err := openapi.Load(api.OpenAPI())
	require.NoError(t, err)
	kinds := map[string]string{"apiKey": "key", "session": "session", "admin": "admin", "": "none"}
	all := stated{}
	operations := openapi.Operations(document)
	if pages {
		operations = append(operations, openapi.ControlOperations(document)...)
	}
	for _, operation := range operations {
		kind := kinds[operation.Credential()]
		if kind == "none" && !pages {
			continue
		}
		all.add(operation.Method, operation.Path, kind, operation.Extensions["x-source"].(string))
	}
	return all
}

var statement = regexp.MustCompile(`(?m)^(StackBE|Contract): ([A-Z]+) (/\S+) \((\w+)\)`)

func TestDocumentHasEndpointsOfDocComments(t *testing.T) {
	inComments := stated{}
	for _, file := range sources(t) {
		for _, comment := range file.Comments {
			for _, match := range statement.FindAllStringSubmatch(comment.Text(), -1) {
				inComments.add(match[2], match[3], match[4], match[1])
			}
		}
	}
	assert.Equal(t, inDocument(t, false), inComments)
}

var heading = regexp.MustCompile("(?m)^### `([A-Z]+) (/\\S+)` · (\\w+) · (StackBE|Contract)")

func TestDocumentHasEndpointsOfContract(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../docs/contract.md"))
	require.NoError(t, err)
	inContract := stated{}
	for _, match := range heading.FindAllStringSubmatch(string(text), -1) {
		inContract.add(match[1], match[2], match[3], match[4])
	}
	assert.Equal(t, inDocument(t, true), inContract)
}

func TestDocumentHasPathsOfRoutes(t *testing.T) {
	inRoutes := map[string]bool{}
	for _, path := range routes(t) {
		inRoutes[names.ReplaceAllString(path, "{}")] = true
	}
	inDocument := map[string]bool{}
	document, err := openapi.Load(api.OpenAPI())
	require.NoError(t, err)
	for path := range document.Paths.Map() {
		if strings.HasPrefix(path, "/v1/") {
			inDocument[names.ReplaceAllString(path, "{}")] = true
		}
	}
	assert.Equal(t, inDocument, inRoutes)
}

// sources are the files of package affiliates.
func sources(t *testing.T) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.FromSlash("../../affiliates/*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	return files
}

// routes are the values of the constants in affiliates/routes.go.
func routes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash("../../affiliates/routes.go"), nil, 0)
	require.NoError(t, err)
	var paths []string
	ast.Inspect(file, func(node ast.Node) bool {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		path, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		paths = append(paths, path)
		return true
	})
	require.NotEmpty(t, paths)
	return paths
}
