package page

import (
	"net/http"
	"net/url"
	"strconv"
)

// Address is a path with a query, which may be empty.
func Address(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// NewPager leads from one page of a list to the next and to the first, with the other parameters of the
// request. next is the position of the next page; 0 if there is none.
func NewPager(r *http.Request, shown, next int) Pager {
	const position = "before"
	query := r.URL.Query()
	pager := Pager{Shown: shown}
	if query.Has(position) {
		query.Del(position)
		pager.First = Address(r.URL.EscapedPath(), query)
	}
	if next > 0 {
		query.Set(position, strconv.Itoa(next))
		pager.Next = Address(r.URL.EscapedPath(), query)
	}
	return pager
}
