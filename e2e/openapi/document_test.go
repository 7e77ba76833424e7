package openapi_test

import (
	"bytes"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/api"
	"github.com/stackbe/stackbe-go/e2e/openapi"
)

func TestDocumentAndExamplesAreValid(t *testing.T) {
	_, err := openapi.Load(api.OpenAPI())
	assert.NoError(t, err)
}

func TestLoadRefusesWrongExample(t *testing.T) {
	for name, change := range map[string][2]string{
		"in a request":            {"email: partner@example.com\n              name: Jane Smith\n", "email: partner@example.com\n"},
		"in a response":           {"status: pending\n                message:", "status: waiting\n                message:"},
		"of a shared response":    {"value: {enrolled: false}", "value: {enrolled: false, code: JANE20}"},
		"of an error":             {"statusCode: 429,", "statusCode: slow,"},
		"among several":           {"{action: approve, code: JANE20}", "{action: approve, rejectionReason: no}"},
		"of a parameter":          {"example: partner@example.com", "example: partner"},
		"with a time not in UTC":  {`createdAt: "2025-01-17T09:15:00Z"`, `createdAt: "2025-01-17T09:15:00+01:00"`},
		"with half a cent":        {"inReview: 40.25", "inReview: 40.255"},
		"with a field of no name": {"stats: {clicks: 42,", "stats: {visits: 1, clicks: 42,"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := bytes.Replace(api.OpenAPI(), []byte(change[0]), []byte(change[1]), 1)
			require.NotEqual(t, string(api.OpenAPI()), string(changed), "the document has changed; change this test as well")
			_, err := openapi.Load(changed)
			assert.Error(t, err)
		})
	}
}

func TestObjectsAreClosed(t *testing.T) {
	document, err := openapi.Load(api.OpenAPI())
	require.NoError(t, err)
	objects := 0
	var visit func(where string, ref *openapi3.SchemaRef)
	visit = func(where string, ref *openapi3.SchemaRef) {
		schema := ref.Value
		if schema.Type.Is("object") {
			objects++
			// A map of header fields has any name, and values of one type.
			isMap := schema.AdditionalProperties.Schema != nil && len(schema.Properties) == 0
			closed := isMap || schema.AdditionalProperties.Has != nil && !*schema.AdditionalProperties.Has
			assert.True(t, closed, "%s takes any field", where)
		}
		for name, property := range schema.Properties {
			visit(where+"."+name, property)
		}
		for _, one := range schema.OneOf {
			visit(where, one)
		}
		if schema.Items != nil {
			visit(where+"[]", schema.Items)
		}
	}
	for name, schema := range document.Components.Schemas {
		visit(name, schema)
	}
	assert.Greater(t, objects, 15)
}

func TestOperationsHaveSourceAndResponsesHaveCommonHeaders(t *testing.T) {
	document, err := openapi.Load(api.OpenAPI())
	require.NoError(t, err)
	for _, operation := range openapi.Operations(document) {
		assert.Contains(t, []any{"StackBE", "Contract"}, operation.Extensions["x-source"], operation.OperationID)
		for status, response := range operation.Responses.Map() {
			for _, name := range []string{"x-request-id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
				header := response.Value.Headers[name]
				if assert.NotNil(t, header, "%s %s: %s", operation.OperationID, status, name) {
					assert.True(t, header.Value.Required, "%s %s: %s", operation.OperationID, status, name)
				}
			}
		}
	}
}
