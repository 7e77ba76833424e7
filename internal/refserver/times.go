package refserver

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// maxYear is the last year that JSON can hold.
const maxYear = 9999

// checkTimes returns an error if a document has a time that cannot be written in UTC: no snapshot could
// be made of it. The error begins with the prefix and the place of the time.
func checkTimes(prefix string, document any) error {
	place, ok := timeOutOfRange(reflect.ValueOf(document))
	if !ok {
		return nil
	}
	return fmt.Errorf("%s%s: in UTC, the year must be 1 to %d", prefix, strings.TrimPrefix(place, "."), maxYear)
}

var typeOfTime = reflect.TypeFor[time.Time]()

// timeOutOfRange finds a time, and returns its place in JSON.
func timeOutOfRange(in reflect.Value) (place string, found bool) {
	switch {
	case in.Type() == typeOfTime:
		year := in.Interface().(time.Time).UTC().Year()
		return "", year < 1 || year > maxYear
	case in.Kind() == reflect.Pointer && !in.IsNil():
		return timeOutOfRange(in.Elem())
	case in.Kind() == reflect.Struct:
		for i := range in.NumField() {
			if !in.Field(i).CanInterface() {
				continue // it is not in JSON
			}
			if place, found := timeOutOfRange(in.Field(i)); found {
				return nameInJSON(in.Type().Field(i)) + place, true
			}
		}
	case in.Kind() == reflect.Slice && in.Type().Elem().Kind() != reflect.Uint8:
		for i := range in.Len() {
			if place, found := timeOutOfRange(in.Index(i)); found {
				return fmt.Sprintf("[%d]%s", i, place), true
			}
		}
	}
	return "", false
}

// nameInJSON is the name of a field after a dot; empty for an embedded struct.
func nameInJSON(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" {
		return ""
	}
	return "." + name
}
