package program

import "github.com/stackbe/stackbe-go/internal/refserver/ids"

// Prefixes of ids.
const (
	idPrefix         = "cm"
	customerIDPrefix = "cust_"
	eventIDPrefix    = "evt_"
)

// fresh is the next id of a kind that the book does not have, as it may where a person has written a
// document with the ids of its seed.
func fresh[T any](source *ids.Source, in *book[T], kind, prefix string) string {
	for {
		if id := source.ID(kind, prefix); !in.has(id) {
			return id
		}
	}
}
