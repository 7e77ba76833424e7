package affiliates

import (
	"bytes"
	"encoding/json"
	"iter"
)

const maxLimit = 100

// Page is one page of a list. Contract: {"data": […], "pagination": {"cursor",
// "hasMore"}}; a bare array is read as the only page, null for "data" as an empty
// one, and a cursor without "hasMore" as leading to more.
type Page[T any] struct {
	Data    []T
	Cursor  string          // of the next page; empty on the last
	HasMore bool            // whether there is a next page
	Raw     json.RawMessage `json:"-"` // the page as the server sent it
}

// UnmarshalJSON reads both forms of a list.
func (p *Page[T]) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("[")) {
		return decode(data, &p.Data, &p.Raw)
	}
	var envelope struct {
		Data       *[]T `json:"data"`
		Pagination struct {
			Cursor  string `json:"cursor"`
			HasMore *bool  `json:"hasMore"`
		} `json:"pagination"`
	}
	if err := decode(data, &envelope, &p.Raw); err != nil {
		return err
	}
	switch {
	case envelope.Data != nil:
		p.Data = *envelope.Data
	case hasNull(data, "data"):
		p.Data = []T{}
	default:
		return missing("data")
	}
	p.Cursor = envelope.Pagination.Cursor
	p.HasMore = p.Cursor != ""
	if said := envelope.Pagination.HasMore; said != nil {
		p.HasMore = *said
	}
	return nil
}

// limit is the size of a page.
func limit(field string, value int) argument {
	if value < 0 || value > maxLimit {
		return argument{field, "must be 1 to 100, or 0 for the server's default"}
	}
	return argument{field: field}
}

// pages goes through all pages from the one at cursor on. A server that says
// there is more and names no page, or one that was read already, would be asked
// for ever: that is the error endless.
func pages[T any](cursor string, endless func() error, read func(cursor string) (*Page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		seen := map[string]bool{"": true}
		for at := cursor; ; {
			seen[at] = true
			page, err := read(at)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Data {
				if !yield(&page.Data[i], nil) {
					return
				}
			}
			if !page.HasMore {
				return
			}
			if at = page.Cursor; seen[at] {
				yield(nil, endless())
				return
			}
		}
	}
}
