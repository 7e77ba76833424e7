package stackbe_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

var quotedName = regexp.MustCompile("`([A-Z][A-Za-z.]*)`")

// inREADME are the calls of the tables under "All calls". A name without a dot is a method of the
// resource that the row names before it.
func inREADME(t *testing.T) map[string]bool {
	t.Helper()
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, tables, found := strings.Cut(string(page), "## All calls\n")
	require.True(t, found)
	tables, _, _ = strings.Cut(tables, "\n## ")
	calls := map[string]bool{}
	for row := range strings.Lines(tables) {
		if !strings.HasPrefix(row, "| `") {
			continue
		}
		resource := ""
		for _, match := range quotedName.FindAllStringSubmatch(row, -1) {
			name := match[1]
			if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
				resource = name[:dot+1]
			} else {
				name = resource + name
			}
			assert.False(t, calls[name], "%s stands in two rows", name)
			calls[name] = true
		}
	}
	return calls
}

func TestREADMEHasEveryCall(t *testing.T) {
	calls := callsOfClient(t)
	delete(calls, "Do") // which is for what these are not
	assert.Equal(t, calls, inREADME(t))
}

// callsOfClient are the methods that send a request, as they are called on a Client.
func callsOfClient(t *testing.T) map[string]bool {
	t.Helper()
	calls := map[string]bool{"Do": true}
	add := func(resource string, kind reflect.Type) {
		for i := range kind.NumMethod() {
			calls[resource+"."+kind.Method(i).Name] = true
		}
	}
	client := reflect.TypeFor[stackbe.Client]()
	for _, side := range []string{"Affiliates", "Account", "Admin"} {
		field, found := client.FieldByName(side)
		require.True(t, found)
		add(side, field.Type)
		if field.Type.Kind() != reflect.Struct {
			continue
		}
		for i := range field.Type.NumField() {
			resource := field.Type.Field(i)
			add(side+"."+resource.Name, resource.Type)
		}
	}
	return calls
}
