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

const positionParameter = "before"

// Position is the position in a list that the address asks for; 0 for the beginning. ok is false if it
// is none.
func Position(r *http.Request) (position int, ok bool) {
	text := r.URL.Query().Get(positionParameter)
	if text == "" {
		return 0, true
	}
	read, err := strconv.ParseInt(text, 10, 32)
	return int(read), err == nil && read > 0 && strconv.FormatInt(read, 10) == text
}

// NewPager leads from one page of a list to the next and to the first, with the other parameters of the
// request. next is the position of the next page; 0 if there is none.
func NewPager(r *http.Request, shown, next int) Pager {
	query := r.URL.Query()
	pager := Pager{Shown: shown}
	if query.Has(positionParameter) {
		query.Del(positionParameter)
		pager.First = Address(r.URL.EscapedPath(), query)
	}
	if next > 0 {
		query.Set(positionParameter, strconv.Itoa(next))
		pager.Next = Address(r.URL.EscapedPath(), query)
	}
	return pager
}
