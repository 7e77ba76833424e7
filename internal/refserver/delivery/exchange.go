package delivery

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Bounds on what is kept of the exchanges. Contract.
const (
	// maxExchanges is how many exchanges are kept: those of the newest attempts, of all deliveries
	// together.
	maxExchanges = 1_000
	// maxResponseHeader is how many bytes of a response's header are kept, and maxResponseBody how
	// many of its body.
	maxResponseHeader = 4 << 10
	maxResponseBody   = 4 << 10
)

// An Exchange is what an attempt sent and received. It holds the signature, which is not a secret: the
// secret cannot be derived from it, and it is valid only for the body and the time that it signs.
type Exchange struct {
	RequestHeader http.Header
	// RequestBody is what was sent in place of the delivery's body; empty if that was sent.
	RequestBody string
	// ResponseHeader and ResponseBody are empty if there was no response. Of a long one they are the
	// beginning, and Cut is true. What is not UTF-8 in them is replaced by U+FFFD.
	ResponseHeader http.Header
	ResponseBody   string
	Cut            bool
}

// receive keeps the beginning of a response, and reads the rest of it.
func (e *Exchange) receive(response *http.Response) {
	e.ResponseHeader, e.Cut = firstOf(response.Header, maxResponseHeader)
	// The status alone counts: a body that breaks off is kept as far as it came.
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxResponseBody))
	more, _ := io.CopyN(io.Discard, response.Body, maxDrained-maxResponseBody)
	e.ResponseBody = validText(string(body))
	e.Cut = e.Cut || more > 0
}

// firstOf returns the first fields of a header, by name, that have at most so many bytes.
func firstOf(header http.Header, size int) (first http.Header, cut bool) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			if size -= len(name) + len(value); size < 0 {
				return first, true
			}
			if first == nil {
				first = http.Header{}
			}
			first[name] = append(first[name], validText(value))
		}
	}
	return first, false
}

func validText(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// A keptExchange is an exchange until newer ones take its place.
type keptExchange struct{ *Exchange }

// exchangeOf returns the exchange of an attempt; nil if it is not kept.
func (a Attempt) exchangeOf() *Exchange {
	if a.kept == nil {
		return nil
	}
	return a.kept.Exchange
}

// keepExchanges keeps the exchanges of new attempts, and drops the oldest if there are too many.
func (d *Dispatcher) keepExchanges(attempts []Attempt) {
	for _, made := range attempts {
		if made.kept != nil {
			d.exchanges = append(d.exchanges, made.kept)
		}
	}
	d.exchanges = newestExchanges(d.exchanges)
}

func newestExchanges(kept []*keptExchange) []*keptExchange {
	more := len(kept) - maxExchanges
	if more <= 0 {
		return kept
	}
	for _, old := range kept[:more] {
		old.Exchange = nil
	}
	clear(kept[:more])
	return kept[more:]
}

// exchangesOf are those of the attempts of deliveries, oldest first.
func exchangesOf(deliveries []*delivery) []*keptExchange {
	type timed struct {
		at   time.Time
		kept *keptExchange
	}
	var all []timed
	for _, of := range deliveries {
		for _, made := range of.attempts {
			if made.kept != nil {
				all = append(all, timed{made.Started, made.kept})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	kept := make([]*keptExchange, len(all))
	for i, one := range all {
		kept[i] = one.kept
	}
	return newestExchanges(kept)
}

// An ExchangeDocument is what an attempt sent and received.
type ExchangeDocument struct {
	RequestHeader  http.Header `json:"requestHeader,omitempty"`
	RequestBody    string      `json:"requestBody,omitempty"`
	ResponseHeader http.Header `json:"responseHeader,omitempty"`
	ResponseBody   string      `json:"responseBody,omitempty"`
	Cut            bool        `json:"cut,omitempty"`
}
