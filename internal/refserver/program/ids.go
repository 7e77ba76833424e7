package program

import "github.com/stackbe/stackbe-go/internal/refserver/ids"

// Prefixes of ids.
const (
	idPrefix         = "cm"
	customerIDPrefix = "cust_"
	eventIDPrefix    = "evt_"
)

// fresh returns the next unused id of a kind. The book may have the next one already, if a person has
// written a document with ids of the same seed.
func fresh[T any](source *ids.Source, in *book[T], kind, prefix string) string {
	for {
		if id := source.ID(kind, prefix); !in.has(id) {
			return id
		}
	}
}
