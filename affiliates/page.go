package affiliates

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/transport"
)

const maxLimit = 100

// Page is one page of a list. Contract: {"data": […], "pagination": {"cursor",
// "hasMore"}}. A bare array is read as the only page, null for "data" as an empty
// page. A cursor without "hasMore" means that there is a next page.
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

// pager is a filter that also selects a page.
type pager[F any] interface {
	*F
	paging() (limit *int, cursor *string)
}

// list checks the arguments and reads the page that filter selects.
func list[T, F any, P pager[F]](ctx context.Context, s *Service, to transport.Call, filter F, arguments ...argument) (*Page[T], error) {
	size, cursor := P(&filter).paging()
	arguments = append(arguments, limit("Limit", *size), token("Cursor", *cursor))
	if err := s.check(arguments...); err != nil {
		return nil, err
	}
	to.Method, to.Query = http.MethodGet, filter
	return do[Page[T]](ctx, s, to)
}

// all goes through the elements of all pages from the one that filter selects on.
func all[T, F any, P pager[F]](ctx context.Context, s *Service, route string, filter F, read func(context.Context, F) (*Page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for page, err := range pages[T, F, P](ctx, s, route, filter, read) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Data {
				if !yield(&page.Data[i], nil) {
					return
				}
			}
		}
	}
}

// pages goes through all pages from the one that filter selects on. If the server says
// that there are more pages but sends no cursor, or one that was used already, the loop
// would not end: that is an error.
func pages[T, F any, P pager[F]](ctx context.Context, s *Service, route string, filter F, read func(context.Context, F) (*Page[T], error)) iter.Seq2[*Page[T], error] {
	return func(yield func(*Page[T], error) bool) {
		next := filter
		_, cursor := P(&next).paging()
		for seen := map[string]bool{"": true}; ; {
			seen[*cursor] = true
			page, err := read(ctx, next)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) || !page.HasMore {
				return
			}
			if *cursor = page.Cursor; seen[*cursor] {
				yield(nil, s.transport.InvalidResponse(route, "the list says that there is more, but not where"))
				return
			}
		}
	}
}
