// Package api holds the contract that the SDK and the reference server keep to, as an OpenAPI
// document. docs/contract.md describes the same contract in words.
package api

import _ "embed"

//go:embed openapi.yaml
var openAPI string

// OpenAPI returns the document, in YAML. The caller may change the bytes.
func OpenAPI() []byte { return []byte(openAPI) }
