package contract

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// translation renames the properties of JSON, and keeps everything else unchanged: the order,
// duplicates, and the notation of numbers.
type translation struct {
	names  func(property) (from, to string)
	places int32 // by which the decimal point of a rate moves to the right

	// foreign is put before a name that means something else in the other contract, so that it
	// means nothing there.
	foreign string

	// lenient leaves such a property out instead, reads names in any case, as encoding/json does,
	// and puts the original of each object inside.
	lenient bool
	list    bool // an array is a page, whose elements are the first property of its shape
}

func (p property) toWire() (from, to string)     { return p.standard, p.wire }
func (p property) toStandard() (from, to string) { return p.wire, p.standard }

const foreignMark = "\x00"

// originalMark is the beginning of an object with its original inside. It is made up for each
// process, so that no server can send it.
var originalMark = sync.OnceValue(func() []byte { return []byte(`{"original ` + rand.Text() + `":`) })

// Original returns the JSON that the server sent for data, which is data itself unless
// [Endpoint.StandardResponse] has made it.
func Original(data []byte) []byte {
	after, translated := bytes.CutPrefix(data, originalMark())
	if !translated {
		return data
	}
	var original json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(after)).Decode(&original); err != nil {
		return data // not so: it is JSON that was made here
	}
	return original
}

// of returns the translation of body, which has the shape; if body is not JSON, it returns it
// unchanged.
func (t translation) of(body []byte, s shape) []byte {
	if len(s) == 0 || !utf8.Valid(body) || !json.Valid(body) {
		return body
	}
	body = bytes.TrimSpace(body)
	if t.list && body[0] == '[' {
		return t.barePage(body, s[0])
	}
	return t.value(nil, body, property{of: s})
}

// barePage reads an array as a page that has only elements.
func (t translation) barePage(body []byte, elements property) []byte {
	page := append(bytes.Clone(originalMark()), body...)
	page = append(page, `,"`+elements.standard+`":`...)
	return append(t.value(page, body, elements), '}')
}

// value appends a property's value.
func (t translation) value(to []byte, value json.RawMessage, p property) []byte {
	switch {
	case p.rate && t.places != 0:
		return append(to, shifted(value, t.places)...)
	case p.of == nil:
		return append(to, value...)
	case value[0] == '{':
		return t.object(to, value, p.of)
	case value[0] == '[':
		return t.array(to, value, p)
	}
	return append(to, value...)
}

func (t translation) array(to []byte, array []byte, p property) []byte {
	decoder := json.NewDecoder(bytes.NewReader(array))
	_, _ = decoder.Token() // it is valid JSON, and begins with a bracket
	to = append(to, '[')
	for first := true; decoder.More(); first = false {
		var element json.RawMessage
		_ = decoder.Decode(&element)
		if !first {
			to = append(to, ',')
		}
		if element[0] == '{' {
			to = t.object(to, element, p.of)
			continue
		}
		to = append(to, element...)
	}
	return append(to, ']')
}

func (t translation) object(to []byte, object []byte, s shape) []byte {
	w := writer{to: append(to, '{'), first: true}
	if t.lenient {
		w = writer{to: append(append(to, originalMark()...), object...)}
	}
	var inner []member // of a property that is flat on the wire
	var flat property
	for _, m := range members(object) {
		p, known, within := t.find(s, m.name)
		_, name := t.names(p)
		switch {
		case known && within != nil:
			inner, flat = append(inner, member{name, t.value(nil, m.value, p)}), *within
		case known && p.flat && m.value[0] == '{':
			for _, m := range members(m.value) {
				p, _, _ := t.find(p.of, m.name)
				_, name := t.names(p)
				w.member(name, t.value(nil, m.value, p))
			}
		case known:
			w.member(name, t.value(nil, m.value, p))
		case !t.isForeign(s, m.name):
			w.member(m.name, m.value)
		case !t.lenient:
			w.member(t.foreign+m.name, m.value)
		}
	}
	if inner != nil {
		nested := writer{to: []byte{'{'}, first: true}
		for _, m := range inner {
			nested.member(m.name, m.value)
		}
		w.member(flat.standard, append(nested.to, '}'))
	}
	return append(w.to, '}')
}

// find returns the property that is called name where the translation starts from. within is the
// flat one that it belongs to, if any.
func (t translation) find(s shape, name string) (p property, known bool, within *property) {
	same := func(a string) bool { return a == name || t.lenient && strings.EqualFold(a, name) }
	for i, p := range s {
		from, _ := t.names(p)
		if !p.flat && same(from) || p.flat && name == p.standard && from == p.standard {
			return p, true, nil
		}
		if !p.flat || from == p.standard {
			continue
		}
		for _, inner := range p.of {
			if from, _ := t.names(inner); same(from) {
				return inner, true, &s[i]
			}
		}
	}
	return property{}, false, nil
}

// isForeign reports whether a name that the one contract does not have is one of the other's.
func (t translation) isForeign(s shape, name string) bool {
	for _, p := range s {
		_, to := t.names(p)
		if to == name || t.lenient && strings.EqualFold(to, name) {
			return true
		}
	}
	return false
}

type member struct {
	name  string
	value json.RawMessage
}

// members returns those of a valid JSON object, in order.
func members(object []byte) []member {
	decoder := json.NewDecoder(bytes.NewReader(object))
	_, _ = decoder.Token()
	var all []member
	for decoder.More() {
		name, _ := decoder.Token()
		var value json.RawMessage
		_ = decoder.Decode(&value)
		text, _ := name.(string)
		all = append(all, member{text, value})
	}
	return all
}

type writer struct {
	to    []byte
	first bool
}

func (w *writer) member(name string, value []byte) {
	if !w.first {
		w.to = append(w.to, ',')
	}
	w.first = false
	quoted, _ := json.Marshal(name) // a string always encodes
	w.to = append(append(append(w.to, quoted...), ':'), value...)
}

const (
	maxRateText     = 64
	maxRateExponent = 32
)

// shifted moves the decimal point of a number, or of one in a string. A text that is not a
// number, or is too long for a rate, stays unchanged.
func shifted(value []byte, places int32) []byte {
	text, quoted := string(value), value[0] == '"'
	if quoted && json.Unmarshal(value, &text) != nil {
		return value
	}
	number, err := decimal.NewFromString(text)
	if len(value) > maxRateText || err != nil || number.Exponent() < -maxRateExponent || number.Exponent() > maxRateExponent {
		return value
	}
	text = number.Shift(places).String()
	if quoted {
		text = `"` + text + `"`
	}
	return []byte(text)
}
