package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// fields reads the fields of a JSON object, and collects what is wrong with them, so that the
// caller is told everything at once. A field that is left out reads as the zero value.
type fields struct {
	prefix   string // of the object's own fields in a problem, such as "levels.0."
	names    []string
	values   map[string]json.RawMessage
	problems []string
}

// fields are those of the request's body.
func (c *call) fields() (*fields, error) {
	if !utf8.Valid(c.body) {
		return nil, &httpError{http.StatusBadRequest, "The body is not valid UTF-8"}
	}
	if !json.Valid(c.body) {
		return nil, &httpError{http.StatusBadRequest, "The body is not valid JSON"}
	}
	read := parseObject("", c.body)
	if read == nil {
		return nil, &httpError{http.StatusBadRequest, "The body must be a JSON object"}
	}
	return read, nil
}

// parseObject reads valid JSON; it is nil for anything but an object.
func parseObject(prefix string, object []byte) *fields {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil
	}
	f := &fields{prefix: prefix, values: map[string]json.RawMessage{}}
	for decoder.More() {
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
		f.problem(name, "should be given once")
		return
	}
	f.names = append(f.names, name)
	f.values[name] = value
}

func (f *fields) problem(name, format string, args ...any) {
	f.problems = append(f.problems, f.prefix+name+" "+fmt.Sprintf(format, args...))
}

// take is the value of a field, which is from then on a known one; nil if it is left out.
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
		f.problem(name, "must be a string")
		return ""
	}
	return *text
}

// integer is nil for a field that is left out or unusable.
func (f *fields) integer(name string) *int {
	value, exact, ok := f.number(name)
	if !ok {
		return nil
	}
	if !exact || value%hundredth != 0 {
		f.problem(name, "must be an integer number")
		return nil
	}
	integer := narrow(value / hundredth)
	return &integer
}

// narrow is the number, or the nearest one that an int holds where it has 32 bits: no number
// that is out of a field's range becomes one that is in it.
func narrow(number int64) int { return int(max(math.MinInt, min(number, math.MaxInt))) }

// decimal is a number in hundredths; nil for a field that is left out or unusable.
func (f *fields) decimal(name string) *int64 {
	value, exact, ok := f.number(name)
	if !ok {
		return nil
	}
	if !exact {
		f.problem(name, "must be a number with at most two decimals")
		return nil
	}
	return &value
}

func (f *fields) number(name string) (value int64, exact, ok bool) {
	raw := f.take(name)
	if raw == nil {
		return 0, false, false
	}
	if raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		f.problem(name, "must be a number")
		return 0, false, false
	}
	value, exact = parseHundredths(string(raw))
	return value, exact, true
}

// objects are the elements of an array of objects; nil for a field that is left out or unusable.
func (f *fields) objects(name string) []*fields {
	raw := f.take(name)
	if raw == nil {
		return nil
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil || elements == nil {
		f.problem(name, "must be an array")
		return nil
	}
	objects := make([]*fields, 0, len(elements))
	for i, element := range elements {
		prefix := fmt.Sprintf("%s%s.%d.", f.prefix, name, i)
		object := parseObject(prefix, element)
		if object == nil {
			f.problem(name, "must be an array of objects")
			return nil
		}
		objects = append(objects, object)
	}
	return objects
}

// require notes the fields that are left out.
func (f *fields) require(names ...string) {
	for _, name := range names {
		if !f.has(name) {
			f.problem(name, "should not be empty")
		}
	}
}

// unknown notes the fields that nothing has read.
func (f *fields) unknown() {
	for _, name := range f.names {
		if _, unread := f.values[name]; unread {
			f.problems = append(f.problems, "property "+f.prefix+name+" should not exist")
		}
	}
}

// check fails with all that is wrong: with the form of the fields, and with their values. Of a
// field whose form is wrong, the value says nothing.
func (f *fields) check(valueProblems []string) error {
	f.unknown()
	formed := slices.DeleteFunc(slices.Clone(valueProblems), func(problem string) bool {
		field, _, _ := strings.Cut(problem, " ")
		return slices.ContainsFunc(f.problems, func(other string) bool { return strings.HasPrefix(other, field+" ") })
	})
	if all := append(f.problems, formed...); len(all) > 0 {
		return &program.Invalid{Problems: all}
	}
	return nil
}
