package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/stackbe/stackbe-go/internal/contract"
)

// object is a JSON object as a server sent it.
type object map[string]json.RawMessage

func parseObject(body []byte) object {
	var o object
	if json.Unmarshal(body, &o) != nil {
		return nil
	}
	return o
}

func (o object) inner(name string) object { return parseObject(o[name]) }

func (o object) text(name string) string {
	var text string
	_ = json.Unmarshal(o[name], &text)
	return text
}

// kind is the kind of a JSON value, as far as it distinguishes names.
type kind string

const (
	aTime    kind = "time"
	anEmail  kind = "email"
	aURL     kind = "URL"
	aText    kind = "text"
	aNumber  kind = "number"
	aBoolean kind = "boolean"
	anArray  kind = "array"
	anObject kind = "object"
	anAmount kind = "amount" // a number, or a text that is one
	aNull    kind = "null"
)

func kindOf(value json.RawMessage) kind {
	switch value = bytes.TrimSpace(value); value[0] {
	case '{':
		return anObject
	case '[':
		return anArray
	case 't', 'f':
		return aBoolean
	case 'n':
		return aNull
	case '"':
		return kindOfText(value)
	default:
		return aNumber
	}
}

func kindOfText(value json.RawMessage) kind {
	var text string
	_ = json.Unmarshal(value, &text)
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return aTime
	}
	switch {
	case strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://"):
		return aURL
	case strings.Contains(text, "@") && !strings.Contains(text, " "):
		return anEmail
	}
	return aText
}

// expected is a property that an object should have.
type expected struct {
	field    string // of the contract
	kind     kind
	value    string // the text that it has, where that is known
	optional bool   // it may be missing, so that another is not taken for it
}

// match finds the properties of an object that the fields name. It ignores those of others: what
// StackBE documents, and what no field names. eliminated holds the fields that were found by
// elimination only.
func match(o object, others string, wanted ...expected) (found map[string]string, eliminated map[string]bool) {
	found, eliminated = map[string]string{}, map[string]bool{}
	left := slices.DeleteFunc(keys(o), func(name string) bool { return slices.Contains(strings.Fields(others), name) })
	take := func(w expected, name string) {
		found[w.field] = name
		left = slices.DeleteFunc(left, func(other string) bool { return other == name })
	}
	for _, rule := range []func(expected) string{
		func(w expected) string { return first(left, standard(w.field)) },
		func(w expected) string {
			return only(left, func(name string) bool { return w.value != "" && o.text(name) == w.value })
		},
		func(w expected) string { return first(left, alternatives(w.field)...) },
	} {
		for _, w := range wanted {
			if _, done := found[w.field]; done {
				continue
			}
			if name := rule(w); name != "" && w.fits(o, name) {
				take(w, name)
			}
		}
	}
	for _, w := range wanted {
		if _, done := found[w.field]; done || w.optional || !w.alone(wanted, found) {
			continue
		}
		if name := only(left, func(name string) bool { return w.fits(o, name) }); name != "" {
			take(w, name)
			eliminated[w.field] = true
		}
	}
	return found, eliminated
}

func (w expected) fits(o object, name string) bool {
	return w.kind.includes(o[name]) && (w.value == "" || o.text(name) == w.value)
}

func (k kind) includes(value json.RawMessage) bool {
	found := kindOf(value)
	if k != anAmount || found == aNumber {
		return found == k || k == anAmount
	}
	var number json.Number
	return found == aText && json.Unmarshal(value, &number) == nil && number != ""
}

// overlaps reports whether a value can be of both kinds.
func (k kind) overlaps(other kind) bool {
	return k == other || k == anAmount && other == aNumber || k == aNumber && other == anAmount
}

// alone reports whether no other field of the kind is still to be found.
func (w expected) alone(wanted []expected, found map[string]string) bool {
	for _, other := range wanted {
		if _, done := found[other.field]; !done && other.kind.overlaps(w.kind) && other.field != w.field {
			return false
		}
	}
	return true
}

func keys(o object) []string {
	var names []string
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// first returns the first of the names that is there.
func first(there []string, names ...string) string {
	for _, name := range names {
		if slices.Contains(there, name) {
			return name
		}
	}
	return ""
}

// only returns the single name that fits; "" if none or several fit.
func only(names []string, suits func(string) bool) string {
	found := ""
	for _, name := range names {
		if !suits(name) {
			continue
		}
		if found != "" {
			return ""
		}
		found = name
	}
	return found
}

// standard is the value of a field in the default contract.
func standard(field string) string {
	return reflect.ValueOf(contract.Default()).FieldByName(field).String()
}

// alternatives are the likely values of a field, after the default.
func alternatives(field string) []string {
	names := slices.Clone(candidates[field])
	if !strings.HasSuffix(field, "Field") && !strings.HasSuffix(field, "Parameter") {
		return names
	}
	for _, name := range append([]string{standard(field)}, candidates[field]...) {
		if other := snake(name); other != standard(field) && !slices.Contains(names, other) {
			names = append(names, other)
		}
	}
	return names
}

// snake is a name in the style of StackBE's webhooks: customer_id.
func snake(name string) string {
	var s strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			s.WriteByte('_')
		}
		s.WriteRune(unicode.ToLower(r))
	}
	return s.String()
}

// isFraction reports whether a rate is one, which a rate of 20 % shows as 0.2; known is false for 0
// and 1, which can be either.
func isFraction(rate json.RawMessage) (fraction, known bool) {
	var number json.Number
	if json.Unmarshal(rate, &number) != nil {
		return false, false
	}
	value, err := number.Float64()
	return value < 1, err == nil && value > 0 && value != 1
}
