// Package api holds the contract that the SDK and the reference server keep to, as an OpenAPI
// document. docs/contract.md says the same in words.
package api

import _ "embed"

// OpenAPI is the document, in YAML. It must not be modified.
//
//go:embed openapi.yaml
var OpenAPI []byte
