// Package tools pins the programs that check the code, as tool directives in a
// go.mod of their own: what they require stays out of the SDK's. Run one with
//
//	go tool -modfile=tools/go.mod staticcheck ./...
package tools
