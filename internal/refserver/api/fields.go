package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/internal/refserver/hundredths"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// fields reads the fields of a JSON object and collects their problems, so that a response lists
// all of them. A field that is left out is read as the zero value.
type fields struct {
	prefix    string // of the object's fields in a problem, such as "levels.0."
	names     []string
	values    map[string]json.RawMessage
	overfull  bool              // the object has more fields than were read
	malformed map[string]bool   // fields whose form is wrong, with their prefix
	problems  []program.Problem // at most maxProblems
	more      int               // how many problems are not among them
}

// Limits of what is read from a body, whatever its size.
const (
	// maxFields is more than any object of the contract has.
	maxFields = 50
	// maxElements is one more than any array of the contract may have, which is enough to
	// refuse it.
	maxElements = program.MaxLevels + 1
)

// fields reads the request's body.
func (c *call) fields() (*fields, error) {
	if !utf8.Valid(c.body) {
		return nil, &httpError{codeBadRequest, "The body is not valid UTF-8"}
	}
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil, &httpError{codeBadRequest, "The body is empty; send {} where there are no fields to send"}
	}
	if !json.Valid(c.body) {
		return nil, &httpError{codeBadRequest, "The body is not valid JSON"}
	}
	read := parseObject("", c.body)
	if read == nil {
		return nil, &httpError{codeBadRequest, "The body must be a JSON object"}
	}
	if read.overfull {
		return nil, &httpError{codeBadRequest, fmt.Sprintf("The body must not have more than %d fields", maxFields)}
	}
	return read, nil
}

// parseObject reads valid JSON; it returns nil unless that is an object.
func parseObject(prefix string, object []byte) *fields {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil
	}
	f := &fields{prefix: prefix, values: map[string]json.RawMessage{}, malformed: map[string]bool{}}
	for read := 0; decoder.More(); read++ {
		if read == maxFields {
			f.overfull = true
			return f
		}
		name, err := decoder.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil
		}
		f.put(name.(string), value)
	}
	return f
}

func (f *fields) put(name string, value json.RawMessage) {
	if _, seen := f.values[name]; seen {
		f.malform(name, "should be given once")
		return
	}
	f.names = append(f.names, name)
	f.values[name] = value
}

// malform records that the form of a field is wrong.
func (f *fields) malform(name, text string) { f.problem(program.ProblemValue, name, text) }

func (f *fields) problem(kind program.ProblemKind, name, text string) {
	f.malformed[f.prefix+name] = true
	f.note(program.Problem{Kind: kind, Field: f.prefix + cut(name, maxName), Text: text})
}

func (f *fields) note(problem program.Problem) {
	if len(f.problems) == maxProblems {
		f.more++
		return
	}
	f.problems = append(f.problems, problem)
}

// take returns the value of a field and marks the field as known; nil if it is left out.
func (f *fields) take(name string) json.RawMessage {
	value := f.values[name]
	delete(f.values, name)
	return value
}

func (f *fields) has(name string) bool { return slices.Contains(f.names, name) }

func (f *fields) text(name string) string {
	raw := f.take(name)
	if raw == nil {
		return ""
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		f.malform(name, "must be a string")
		return ""
	}
	return *text
}

// integer returns nil for a field that is left out or invalid.
func (f *fields) integer(name string) *int {
	value, exact, ok := f.number(name)
	if !ok {
		return nil
	}
	if !exact || value%hundredths.One != 0 {
		f.malform(name, "must be an integer number")
		return nil
	}
	integer := narrow(value / hundredths.One)
	return &integer
}

// narrow returns the number, or the nearest int if that has 32 bits: a number that is out of a
// field's range stays out of it.
func narrow(number int64) int { return int(max(math.MinInt, min(number, math.MaxInt))) }

// boolean returns nil for a field that is left out or invalid.
func (f *fields) boolean(name string) *bool {
	raw := f.take(name)
	if raw == nil {
		return nil
	}
	var value *bool
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		f.malform(name, "must be a boolean value")
		return nil
	}
	return value
}

// decimal returns a number in hundredths; nil for a field that is left out or invalid.
func (f *fields) decimal(name string) *int64 {
	value, exact, ok := f.number(name)
	if !ok {
		return nil
	}
	if !exact {
		f.malform(name, "must be a number with at most two decimals")
		return nil
	}
	return &value
}

// number returns a number in hundredths. One that is out of range is the nearest in it, which no field
// accepts.
func (f *fields) number(name string) (value int64, exact, ok bool) {
	raw := f.take(name)
	if raw == nil {
		return 0, false, false
	}
	if raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		f.malform(name, "must be a number")
		return 0, false, false
	}
	value, err := hundredths.Parse(string(raw))
	return value, !errors.Is(err, hundredths.ErrDecimals), true
}

// objects returns the elements of an array of objects; nil for a field that is left out or invalid.
func (f *fields) objects(name string) []*fields {
	raw := f.take(name)
	if raw == nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('[') {
		f.malform(name, "must be an array")
		return nil
	}
	objects := []*fields{}
	for len(objects) < maxElements && decoder.More() {
		object := f.element(name, len(objects), decoder)
		if object == nil {
			return nil
		}
		objects = append(objects, object)
	}
	return objects
}

// element returns the next element of an array of objects; nil if it is invalid.
func (f *fields) element(array string, i int, decoder *json.Decoder) *fields {
	var element json.RawMessage
	if err := decoder.Decode(&element); err != nil {
		f.malform(array, "must be an array")
		return nil
	}
	path := fmt.Sprintf("%s.%d", array, i)
	object := parseObject(f.prefix+path+".", element)
	if object == nil {
		f.malform(array, "must be an array of objects")
		return nil
	}
	if object.overfull {
		f.malform(path, fmt.Sprintf("must not have more than %d fields", maxFields))
		return nil
	}
	return object
}

// include records the problems of an object inside this one.
func (f *fields) include(inner *fields) {
	for _, problem := range inner.problems {
		f.note(problem)
	}
	f.more += inner.more
	maps.Copy(f.malformed, inner.malformed)
}

// require records the fields that are left out.
func (f *fields) require(names ...string) {
	for _, name := range names {
		if !f.has(name) {
			f.problem(program.ProblemMissing, name, "should not be empty")
		}
	}
}

// unknown records the fields that were not read.
func (f *fields) unknown() {
	for _, name := range f.names {
		if _, unread := f.values[name]; unread {
			f.note(program.Problem{Kind: program.ProblemUnknown, Field: f.prefix + cut(name, maxName), Text: "should not exist"})
		}
	}
}

// check returns all problems, with the form of the fields and with their values. If the form of a
// field is wrong, its value is not checked.
func (f *fields) check(values []program.Problem) error {
	f.unknown()
	formed := slices.DeleteFunc(leftOut(values, f.has), func(p program.Problem) bool { return f.malformed[p.Field] })
	problems := append(f.problems, formed...)
	if len(problems) == 0 {
		return nil
	}
	return &program.Invalid{Problems: bounded(problems, f.more)}
}

// leftOut returns the problems; one with a field that was not given says that the field is missing.
func leftOut(problems []program.Problem, given func(name string) bool) []program.Problem {
	seen := slices.Clone(problems)
	for i, problem := range seen {
		name, _, _ := strings.Cut(problem.Field, ".")
		if !given(name) {
			seen[i].Kind = program.ProblemMissing
		}
	}
	return seen
}
