// Package contractfile reads a stackbe.Contract from a JSON file, for programs and tests that take one
// from outside.
package contractfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/stackbe/stackbe-go/internal/contract"
)

// Read reads the fields of a contract that are not the default. An error says what is wrong with the
// file, and names it; whether the values can be used is for their user to check.
func Read(name string) (contract.Contract, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return contract.Contract{}, err
	}
	read, err := parse(content)
	if err != nil {
		return contract.Contract{}, fmt.Errorf("%s: %w", name, err)
	}
	return read, nil
}

func parse(content []byte) (contract.Contract, error) {
	var read contract.Contract
	fields, err := parseObject(content)
	if err != nil {
		return read, err
	}
	for _, f := range fields {
		if err := setField(&read, f.name, f.value); err != nil {
			return read, err
		}
	}
	return read, nil
}

// A member is one of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

var errNotObject = errors.New(`the file is not a JSON object with fields of stackbe.Contract, such as {"ListField": "items"}`)

// parseObject reads the members in their order, each name once.
func parseObject(content []byte) ([]member, error) {
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errNotObject
	}
	var members []member
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, malformed(decoder, err)
		}
		m := member{name: name.(string)} // the only token that a decoder takes there
		if err := decoder.Decode(&m.value); err != nil {
			return nil, malformed(decoder, err)
		}
		if slices.ContainsFunc(members, func(other member) bool { return strings.EqualFold(other.name, m.name) }) {
			return nil, fmt.Errorf("%s occurs twice", m.name)
		}
		members = append(members, m)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, malformed(decoder, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more text after the JSON object")
	}
	return members, nil
}

func malformed(decoder *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the JSON object is incomplete")
	}
	return fmt.Errorf("at byte %d: %w", decoder.InputOffset(), err)
}

func setField(c *contract.Contract, name string, value json.RawMessage) error {
	field := reflect.ValueOf(c).Elem().FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
	if !field.IsValid() {
		return unknownField(name)
	}
	if json.Unmarshal(value, field.Addr().Interface()) != nil {
		takes := map[reflect.Kind]string{reflect.Bool: "true or false", reflect.String: "a text in quotes"}[field.Kind()]
		return fmt.Errorf("%s takes %s, not %.40s", name, takes, value)
	}
	return nil
}

const whereListed = "go doc github.com/stackbe/stackbe-go.Contract lists the fields"

func unknownField(name string) error {
	if near := nearest(name); near != "" {
		return fmt.Errorf("there is no field %q; is it %s? %s", name, near, whereListed)
	}
	return fmt.Errorf("there is no field %q; %s", name, whereListed)
}

// kinds are the suffixes of field names that say what a field holds.
var kinds = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("(Path|Header|Parameter|Field)$") })

// nearest is the field that a misspelled name most likely means, with or without its suffix; "" if
// none is near.
func nearest(name string) string {
	fields := reflect.TypeFor[contract.Contract]()
	best, least := "", len(name)/3+1
	for i := range fields.NumField() {
		field := fields.Field(i).Name
		for _, meant := range []string{field, kinds().ReplaceAllString(field, "")} {
			if d := distance(normal(name), normal(meant)); d < least {
				best, least = field, d
			}
		}
	}
	return best
}

// normal is a name without case and separators, so that list_field is near to ListField.
func normal(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(name))
}

// distance is how many characters have to be added, removed or replaced between two texts.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
