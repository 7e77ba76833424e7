package openapi_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/api"
	"github.com/stackbe/stackbe-go/e2e/openapi"
)

// Generators make types of the components of all sections, in one namespace and in a case of
// their own, and more types of each operationId. None of these may be one another's.
func TestNamesOfComponentsAndOperationsAreDistinct(t *testing.T) {
	document := load(t)
	owners := map[string]string{}
	claim := func(name, owner string) {
		folded := strings.ToLower(notAlphanumeric.ReplaceAllString(name, ""))
		assert.Empty(t, owners[folded], "%s has the name of %s", owner, owners[folded])
		owners[folded] = owner
	}
	components := document.Components
	for section, names := range map[string][]string{
		"schema":          slices.Collect(maps.Keys(components.Schemas)),
		"response":        slices.Collect(maps.Keys(components.Responses)),
		"parameter":       slices.Collect(maps.Keys(components.Parameters)),
		"header":          slices.Collect(maps.Keys(components.Headers)),
		"security scheme": slices.Collect(maps.Keys(components.SecuritySchemes)),
	} {
		for _, name := range names {
			claim(name, section+" "+name)
		}
	}
	for name, schema := range components.Schemas { // a property with values of its own has a type of its own
		for property, of := range schema.Value.Properties {
			if of.Ref == "" && (of.Value.Enum != nil || of.Value.Const != nil) {
				claim(name+property, "the property "+property+" of "+name)
			}
		}
	}
	for _, operation := range append(openapi.Operations(document), openapi.ControlOperations(document)...) {
		for _, suffix := range []string{"", "Request", "Req", "RequestBody", "Body", "Params", "Parameters", "Query", "Data", "Response", "Responses", "Res", "OK", "Created", "Error", "Errors", "Headers"} {
			claim(operation.OperationID+suffix, "operation "+operation.OperationID+suffix)
		}
	}
}

var notAlphanumeric = regexp.MustCompile(`[^A-Za-z0-9]`)

func TestNamesAreIdentifiers(t *testing.T) {
	document := load(t)
	for name := range document.Components.Schemas {
		assert.Regexp(t, `^[A-Z][A-Za-z0-9]*$`, name)
	}
	for _, operation := range append(openapi.Operations(document), openapi.ControlOperations(document)...) {
		assert.Regexp(t, `^[a-z][A-Za-z0-9]*$`, operation.OperationID)
	}
}

func TestEnumerationValuesMakeDistinctNames(t *testing.T) {
	eachSchema(t, func(where string, schema *openapi3.Schema) {
		seen := map[string]bool{}
		for _, value := range schema.Enum {
			text, ok := value.(string)
			assert.True(t, ok, "%s has a value that is not a string", where)
			assert.Regexp(t, `^[a-z][a-z_]*$`, text, where)
			assert.False(t, seen[text], "%s has %q twice", where, text)
			seen[text] = true
		}
	})
}

// Without a format, generators take 32 bits for a number, and a library's choice for an integer.
func TestNumbersHaveAFormat(t *testing.T) {
	eachSchema(t, func(where string, schema *openapi3.Schema) {
		switch {
		case schema.Type.Is("number"):
			assert.Equal(t, "double", schema.Format, where)
		case schema.Type.Is("integer") && (schema.Max == nil || *schema.Max > 1<<31-1):
			assert.Equal(t, "int64", schema.Format, where)
		}
	})
}

// Ajv, for one, refuses 19.99 as a multiple of 0.01.
func TestNumbersHaveNoFractionalMultipleOf(t *testing.T) {
	fraction := regexp.MustCompile(`(?m)^ *multipleOf: 0`) // in the text, since Load puts some in
	assert.False(t, fraction.Match(api.OpenAPI()))
}

func TestVariantsHaveNames(t *testing.T) {
	document := load(t)
	for name, schema := range document.Components.Schemas {
		for _, variant := range schema.Value.OneOf {
			assert.True(t, variant.Ref != "" || !variant.Value.Type.Is("object"), "a variant of %s", name)
		}
	}
}

func load(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi.Load(api.OpenAPI())
	require.NoError(t, err)
	return document
}

// eachSchema visits the schemas of components, parameters and headers, and those inside them.
func eachSchema(t *testing.T, visit func(where string, schema *openapi3.Schema)) {
	t.Helper()
	var walk func(where string, ref *openapi3.SchemaRef)
	walk = func(where string, ref *openapi3.SchemaRef) {
		if ref == nil {
			return
		}
		visit(where, ref.Value)
		for name, property := range ref.Value.Properties {
			if property.Ref == "" {
				walk(where+"."+name, property)
			}
		}
		walk(where+"[]", ref.Value.Items)
		for _, variant := range ref.Value.OneOf {
			walk(where, variant)
		}
	}
	document := load(t)
	for name, schema := range document.Components.Schemas {
		walk(name, schema)
	}
	for name, header := range document.Components.Headers {
		walk(name, header.Value.Schema)
	}
	for _, operation := range openapi.Operations(document) {
		for _, parameter := range operation.Parameters {
			walk(operation.OperationID+" "+parameter.Value.Name, parameter.Value.Schema)
		}
	}
}
