package affiliates

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/contract"
)

// decode reads data into fields, which has no UnmarshalJSON, and keeps a copy
// of data in raw, so that unknown fields stay reachable.
func decode(data []byte, fields any, raw *json.RawMessage) error {
	if string(data) == "null" {
		return wrong(data, "an object")
	}
	if err := json.Unmarshal(data, fields); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return err
		}
		if err := read(data, reflect.ValueOf(fields).Elem()); err != nil {
			return err
		}
	}
	*raw = bytes.Clone(contract.Original(data))
	return nil
}

// decodeWith is decode for JSON that must have the field called name.
func decodeWith(data []byte, fields any, raw *json.RawMessage, name string) error {
	if err := decode(data, fields, raw); err != nil {
		return err
	}
	return need(data, name)
}

// need returns the error for a JSON object whose field called name is missing or empty.
func need(object []byte, name string) error {
	if !has(object, name) || string(field(object, name)) == `""` {
		return missing(name)
	}
	return nil
}

// has reports whether a JSON object has a field of exactly this name that is not null.
func has(object []byte, name string) bool {
	value := field(object, name)
	return value != nil && !isNull(value)
}

// hasNull reports whether a JSON object has a field of exactly this name that is null.
func hasNull(object []byte, name string) bool { return isNull(field(object, name)) }

// field returns the field of a JSON object of exactly this name, nil if there is none.
func field(object []byte, name string) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return nil
	}
	return fields[name]
}

// fieldError says which field has another shape, and what is wrong.
type fieldError struct {
	path    string // "data[3].createdAt"; "" for the JSON itself
	problem string
}

func (e *fieldError) Error() string {
	if e.path == "" {
		return "the JSON " + e.problem
	}
	return fmt.Sprintf("the field %q %s", e.path, e.problem)
}

// WithPath returns the error about the field at another path.
func (e *fieldError) WithPath(renamed func(path string) string) error {
	return &fieldError{renamed(e.path), e.problem}
}

func missing(field string) error { return &fieldError{field, "is missing"} }

func wrong(data []byte, wanted string) error {
	return &fieldError{problem: "is " + kind(data) + ", not " + wanted}
}

// within returns err with step in front of its path: a name, or an index in brackets.
func within(step string, err error) error {
	var wrong *fieldError
	if !errors.As(err, &wrong) {
		return err
	}
	between := ""
	if wrong.path != "" && wrong.path[0] != '[' {
		between = "."
	}
	return &fieldError{step + between + wrong.path, wrong.problem}
}

// read reads valid JSON as encoding/json does, with three differences: an empty
// text is the zero time, null is the zero value of a field, and an error names the
// field and what it should hold. It is used after json.Unmarshal has refused the JSON.
func read(data []byte, into reflect.Value) error {
	switch into := into.Addr().Interface().(type) {
	case *time.Time:
		return readTime(data, into)
	case *Money, *Percent:
		if into.(json.Unmarshaler).UnmarshalJSON(data) != nil {
			return wrong(data, "a decimal number of at most 36 digits and 18 decimal places")
		}
		return nil
	case json.Unmarshaler:
		return into.UnmarshalJSON(data)
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return read(data, into.Elem())
	case reflect.Struct:
		return readObject(data, into)
	case reflect.Slice:
		return readArray(data, into)
	}
	if json.Unmarshal(data, into.Addr().Interface()) == nil {
		return nil
	}
	return wrong(data, wanted[into.Kind()])
}

var wanted = map[reflect.Kind]string{
	reflect.Bool:   "true or false",
	reflect.Int:    "a whole number of " + strconv.Itoa(strconv.IntSize) + " bits",
	reflect.String: "a string",
}

func readTime(data []byte, into *time.Time) error {
	if string(data) == `""` {
		*into = time.Time{}
		return nil
	}
	if into.UnmarshalJSON(data) != nil {
		return wrong(data, "a time as in RFC 3339")
	}
	return nil
}

func readObject(data []byte, into reflect.Value) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return wrong(data, "an object")
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		field := fieldOf(into, name.(string))
		if !field.IsValid() {
			continue
		}
		if isNull(value) {
			field.SetZero()
			continue
		}
		if err := read(value, field); err != nil {
			return within(name.(string), err)
		}
	}
	return nil
}

// fieldOf returns the field of a struct that has the JSON name, or one that
// differs from it in its case alone.
func fieldOf(object reflect.Value, name string) reflect.Value {
	var folded reflect.Value
	for i := range object.NumField() {
		tag, _, _ := strings.Cut(object.Type().Field(i).Tag.Get("json"), ",")
		if tag == name {
			return object.Field(i)
		}
		if strings.EqualFold(tag, name) {
			folded = object.Field(i)
		}
	}
	return folded
}

func readArray(data []byte, into reflect.Value) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if start, err := decoder.Token(); err != nil || start != json.Delim('[') {
		return wrong(data, "an array")
	}
	list := reflect.MakeSlice(into.Type(), 0, 0)
	for decoder.More() {
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		element := reflect.New(into.Type().Elem()).Elem()
		if err := read(value, element); err != nil {
			return within(fmt.Sprintf("[%d]", list.Len()), err)
		}
		list = reflect.Append(list, element)
	}
	into.Set(list)
	return nil
}

func isNull(data []byte) bool { return string(data) == "null" }

// kind names what data, which is valid JSON, is.
func kind(data []byte) string {
	switch data = bytes.TrimLeft(data, " \t\r\n"); data[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return string(bytes.TrimRight(data, " \t\r\n"))
	case 'n':
		return "null"
	default:
		return "a number"
	}
}
