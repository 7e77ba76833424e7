package refserver

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// A timeCheck finds the times of a document that cannot be written in UTC: JSON has the years up to 9999.
type timeCheck struct {
	holds map[reflect.Type]bool // whether a type has times
}

var timeType = reflect.TypeFor[time.Time]()

// checkTimes returns an error that names the first time of a document that is outside of the years 1 to
// 9999 in UTC.
func checkTimes(document Document) error {
	return (&timeCheck{map[reflect.Type]bool{timeType: true}}).check("", reflect.ValueOf(document))
}

func (c *timeCheck) check(path string, v reflect.Value) error {
	switch {
	case v.Type() == timeType:
		if year := v.Interface().(time.Time).UTC().Year(); year < 1 || year > 9999 {
			return fmt.Errorf("%s: it must be of the years 1 to 9999 in UTC", path)
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return c.check(path, v.Elem())
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			if err := c.check(fmt.Sprintf("%s[%d]", path, i), v.Index(i)); err != nil {
				return err
			}
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !c.in(field.Type) {
				continue
			}
			if err := c.check(pathOf(path, field), v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// in reports whether values of a type of a document have times.
func (c *timeCheck) in(t reflect.Type) bool {
	holds, known := c.holds[t]
	if known {
		return holds
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		holds = c.in(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			holds = holds || t.Field(i).IsExported() && c.in(t.Field(i).Type)
		}
	}
	c.holds[t] = holds
	return holds
}

// pathOf is the path of a field in the JSON. An embedded struct has none of its own.
func pathOf(path string, field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" {
		return path
	}
	return strings.TrimPrefix(path+"."+name, ".")
}
