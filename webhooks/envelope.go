package webhooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// The envelope's fields. StackBE's general events have id, type, timestamp and data,
// its partner events event and data. StackBE: Webhooks; Partner Program.
const (
	fieldID = iota
	fieldType
	fieldEvent
	fieldTimestamp
	fieldData
	fieldCount
)

var fieldNames = [fieldCount]string{
	fieldID:        "id",
	fieldType:      "type",
	fieldEvent:     "event",
	fieldTimestamp: "timestamp",
	fieldData:      "data",
}

const (
	problemDuplicate problem = "a key of the envelope occurs twice"
	problemCase      problem = "a key of the envelope is spelled with other letter case"
	problemNoType    problem = "there is neither event nor type"
	problemTwoTypes  problem = "event and type differ"
)

// envelopeFields holds the positions of the values of the envelope's fields.
type envelopeFields [fieldCount]span

// add takes note of a member, whose key is given with its quotes. A reader that
// ignores letter case, or takes the first of two keys, must not see another event
// than this one does.
func (f *envelopeFields) add(key []byte, value span) problem {
	name := key[1 : len(key)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		name = unescaped(key)
	}
	for i, known := range fieldNames {
		if string(name) != known {
			continue
		}
		if f[i] != (span{}) {
			return problemDuplicate
		}
		f[i] = value
		return ""
	}
	for _, known := range fieldNames {
		if bytes.EqualFold(name, []byte(known)) {
			return problemCase
		}
	}
	return ""
}

// beginsObject reports whether body's first character, after white space, opens a
// JSON object.
func beginsObject(body []byte) bool {
	for _, c := range body {
		if !isSpace(c) {
			return c == '{'
		}
	}
	return false
}

// errNoObject is the error of Verify for such a body.
var errNoObject = fmt.Errorf("%w: the body is not a JSON object", ErrMalformedEvent)

// parseEnvelope reads the envelope in body, and leaves Event.ID empty if it has none.
func parseEnvelope(body []byte) (*Event, error) {
	var fields envelopeFields
	if at, p := scanEnvelope(body, &fields); p != "" {
		return nil, fmt.Errorf("%w: %w at byte %d", ErrMalformedEvent, p, at)
	}
	event := &Event{Raw: body[:len(body):len(body)]}
	if err := event.read(&fields); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformedEvent, err)
	}
	return event, nil
}

// scanEnvelope reads body, which has to be a single object, and notes the positions of
// its fields.
func scanEnvelope(body []byte, fields *envelopeFields) (at int, p problem) {
	if !utf8.Valid(body) {
		return 0, problemUTF8
	}
	begin := afterSpace(body, 0) + 1
	if at, p = scanFields(body, afterSpace(body, begin), fields); p != "" {
		return at, p
	}
	if !comes(body, at, '}') {
		return at, problemSeparator
	}
	if at = afterSpace(body, at+1); at < len(body) {
		return at, problemTrailing
	}
	return at, ""
}

// scanFields reads the members of the envelope, and returns where they end.
func scanFields(body []byte, at int, fields *envelopeFields) (int, problem) {
	if comes(body, at, '}') {
		return at, ""
	}
	for {
		end, p := scanField(body, at, fields)
		if p != "" {
			return end, p
		}
		at = afterSpace(body, end)
		if !comes(body, at, ',') {
			return at, ""
		}
		at = afterSpace(body, at+1)
	}
}

func scanField(body []byte, at int, fields *envelopeFields) (int, problem) {
	keyEnd, value, p := scanKey(body, at)
	if p != "" {
		return value, p
	}
	end, p := scanValue(body, value, 1)
	if p != "" {
		return end, p
	}
	return end, fields.add(body[at:keyEnd], span{value, end})
}

func (e *Event) read(fields *envelopeFields) error {
	var err error
	if e.ID, err = readName(e.Raw, fields, fieldID); err != nil {
		return err
	}
	if e.Type, err = readType(e.Raw, fields); err != nil {
		return err
	}
	e.CreatedAt = readTimestamp(e.Raw, fields)
	if data := fields[fieldData].of(e.Raw); len(data) > 0 && string(data) != "null" {
		e.Data = data
	}
	return nil
}

func readType(text []byte, fields *envelopeFields) (EventType, error) {
	event, err := readName(text, fields, fieldEvent)
	if err != nil {
		return "", err
	}
	general, err := readName(text, fields, fieldType)
	if err != nil {
		return "", err
	}
	switch {
	case event == "" && general == "":
		return "", problemNoType
	case event == "":
		return EventType(general), nil
	case general == "" || general == event:
		return EventType(event), nil
	}
	return "", problemTwoTypes
}

// readTimestamp returns the zero time for a text that is not of RFC 3339: a field for
// information must not prevent an event from being handled.
func readTimestamp(text []byte, fields *envelopeFields) time.Time {
	value, _ := readString(text, fields, fieldTimestamp)
	var t time.Time
	if t.UnmarshalText(value) != nil {
		return time.Time{}
	}
	return t
}

// readName reads an id or a type, "" if there is none: at most 255 bytes, without
// control characters. The replacement character is refused because different
// malformed escapes decode to it.
func readName(text []byte, fields *envelopeFields, field int) (string, error) {
	value, err := readString(text, fields, field)
	if value == nil {
		return "", err
	}
	name := string(value)
	if name == "" {
		return "", problem(fieldNames[field] + " is empty")
	}
	if len(name) > maxIDLength {
		return "", problem(fieldNames[field] + " is longer than 255 bytes")
	}
	for _, c := range name {
		if !allowedInName(c) {
			return "", problem(fieldNames[field] + " has a character that is not allowed")
		}
	}
	return name, nil
}

func allowedInName(c rune) bool {
	if c < utf8.RuneSelf {
		return !unicode.IsControl(c)
	}
	return !unicode.IsControl(c) && !unicode.Is(unicode.Cf, c) && c != utf8.RuneError
}

// readString returns the value of a string field, nil if it is null or missing.
func readString(text []byte, fields *envelopeFields, field int) ([]byte, error) {
	value := fields[field].of(text)
	if len(value) == 0 || string(value) == "null" {
		return nil, nil
	}
	if value[0] != '"' {
		return nil, problem(fieldNames[field] + " is not a string")
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1], nil
	}
	return unescaped(value), nil
}

// unescaped returns the value of a JSON string that the scanner has found well formed.
func unescaped(quoted []byte) []byte {
	var text string
	_ = json.Unmarshal(quoted, &text)
	return []byte(text)
}
