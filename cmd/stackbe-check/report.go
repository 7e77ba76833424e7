package main

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// outcome is what is known of a statement.
type outcome string

const (
	confirmed outcome = "confirmed"
	refuted   outcome = "refuted"
	unknown   outcome = "unknown"
)

// A finding is the outcome for one field of the contract.
type finding struct {
	Field   string  `json:"field"`
	Outcome outcome `json:"outcome"`
	Assumed string  `json:"assumed"`
	Found   string  `json:"found,omitempty"` // where it is refuted
	Why     string  `json:"why"`
}

// A report has a finding for each field, in their order.
type report struct {
	findings []finding
	contract stackbe.Contract // what is not the default
}

func newReport(found map[string]finding) report {
	r := report{contract: stackbe.Contract(usable(found))}
	standard := reflect.ValueOf(contract.Default())
	for i := range standard.NumField() {
		name := standard.Type().Field(i).Name
		f, ok := found[name]
		if !ok {
			f = finding{Outcome: unknown, Why: "nothing that was asked shows it"}
		}
		f.Field, f.Assumed = name, assumed(standard.Field(i))
		r.findings = append(r.findings, f)
	}
	return r
}

// usable is the contract of what is refuted. What stackbe.New would refuse becomes unknown, so that
// the contract can be pasted.
func usable(found map[string]finding) contract.Contract {
	for {
		var c contract.Contract
		for name, f := range found {
			if f.Outcome == refuted {
				set(reflect.ValueOf(&c).Elem().FieldByName(name), f.Found)
			}
		}
		field, err := transport.CheckContract(c)
		if err == nil {
			return c
		}
		if found[field].Outcome != refuted {
			field = oneRefuted(found) // it is what another field has become that does not go with it
		}
		found[field] = finding{Outcome: unknown, Why: fmt.Sprintf("it seems to be %q, which %s", found[field].Found, err)}
	}
}

// oneRefuted is a field that is refuted, which there is: the default contract can be used.
func oneRefuted(found map[string]finding) string {
	var fields []string
	for name, f := range found {
		if f.Outcome == refuted {
			fields = append(fields, name)
		}
	}
	return slices.Min(fields)
}

func assumed(value reflect.Value) string {
	if value.Kind() == reflect.Bool {
		return strconv.FormatBool(value.Bool())
	}
	return value.String()
}

func set(field reflect.Value, value string) {
	if field.Kind() == reflect.Bool {
		field.SetBool(value == "true")
		return
	}
	field.SetString(value)
}

func (r report) exitStatus() int {
	if r.count(refuted) > 0 {
		return exitRefuted
	}
	if r.count(confirmed) == 0 {
		return exitFailed
	}
	return exitHolds
}

func (r report) count(of outcome) int {
	n := 0
	for _, f := range r.findings {
		if f.Outcome == of {
			n++
		}
	}
	return n
}

// literal is the contract as Go has it.
func (r report) literal() string {
	var fields strings.Builder
	value := reflect.ValueOf(r.contract)
	for i := range value.NumField() {
		field := value.Field(i)
		if field.IsZero() {
			continue
		}
		text := assumed(field)
		if field.Kind() == reflect.String {
			text = strconv.Quote(text)
		}
		fmt.Fprintf(&fields, "\t%s: %s,\n", value.Type().Field(i).Name, text)
	}
	if fields.Len() == 0 {
		return "stackbe.Contract{}"
	}
	return "stackbe.Contract{\n" + fields.String() + "}"
}

func (r report) print(to io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(to)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{"statements": r.findings, "contract": r.literal()})
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, f := range r.findings {
		value := f.Assumed
		if f.Outcome == refuted {
			value = f.Found + ", not " + f.Assumed
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.Outcome, f.Field, value, f.Why)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(to, "\n%d confirmed, %d refuted, %d unknown. Config.Contract for this account:\n\n%s\n",
		r.count(confirmed), r.count(refuted), r.count(unknown), r.literal())
	return err
}
