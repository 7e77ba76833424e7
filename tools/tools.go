// Package tools pins the programs that check the code, as tool directives in a
// separate go.mod, so that the SDK does not require their modules. Run one with
//
//	go tool -modfile=tools/go.mod staticcheck ./...
package tools
