package main

import (
	"cmp"
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

// outcome says whether a statement holds.
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
	Found   string  `json:"found,omitempty"` // where it is refuted, unless nothing was found in its place
	Why     string  `json:"why"`
}

// lost reports whether an assumption is refuted and no other value was found.
func (f finding) lost() bool { return f.Outcome == refuted && f.Found == "" }

// How much a finding says. One is replaced by another that says more.
const (
	saysNothing = iota
	saysLost
	hasValue
)

func (f finding) weight() int {
	switch {
	case f.Outcome == confirmed || f.Found != "":
		return hasValue
	case f.lost():
		return saysLost
	}
	return saysNothing
}

// A report has a finding for each field, in their order.
type report struct {
	findings []finding
	contract stackbe.Contract // what is not the default
	baseURL  string
	refused  []string // variables whose credential was refused
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
		if name == "DealsListField" {
			f.Assumed = cmp.Or(r.contract.ListField, f.Assumed)
		}
		r.findings = append(r.findings, f)
	}
	return r
}

// usable is the contract with the values that were found for the refuted fields. A value that
// stackbe.New would refuse becomes unknown, so that the contract can be pasted.
func usable(found map[string]finding) contract.Contract {
	for {
		var c contract.Contract
		for name, f := range found {
			if f.Found != "" {
				set(reflect.ValueOf(&c).Elem().FieldByName(name), f.Found)
			}
		}
		field, err := transport.CheckContract(c)
		if err == nil {
			return c
		}
		if found[field].Found == "" {
			field = oneRefuted(found) // it is what another field has become that does not go with it
		}
		f := finding{Outcome: unknown, Why: fmt.Sprintf("it seems to be %q, which %s", found[field].Found, err)}
		found[field] = f
		if field == "ListField" && found["DealsListField"].Outcome == confirmed {
			found["DealsListField"] = f // it has the same name
		}
	}
}

// oneRefuted is a field that has another value, which there is: the default contract can be used.
func oneRefuted(found map[string]finding) string {
	var fields []string
	for name, f := range found {
		if f.Found != "" {
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

// literal is the contract as a Go literal. A field whose value was not found is a comment, so
// that the literal compiles.
func (r report) literal() string {
	var fields strings.Builder
	value := reflect.ValueOf(r.contract)
	for i, f := range r.findings {
		field := value.Field(i)
		text := assumed(field)
		if field.Kind() == reflect.String {
			text = strconv.Quote(text)
		}
		switch {
		case f.lost():
			fmt.Fprintf(&fields, "\t// %s: %s, // %s; ask StackBE\n", f.Field, text, f.Why)
		case !field.IsZero():
			fmt.Fprintf(&fields, "\t%s: %s,\n", f.Field, text)
		}
	}
	if fields.Len() == 0 {
		return "stackbe.Contract{}"
	}
	return "stackbe.Contract{\n" + fields.String() + "}"
}

// summary counts, and says how much of the contract the literal after it rests on.
func (r report) summary() string {
	open := r.count(unknown)
	text := fmt.Sprintf("%d confirmed, %d refuted, %d unknown.", r.count(confirmed), r.count(refuted), open)
	if r.noPath() {
		text += "\nThe server has no path of the contract: is " + baseURLVariable + " right?"
	}
	if r.count(confirmed)+r.count(refuted) == 0 {
		return text + " Nothing could be checked; the reasons are above."
	}
	text += "\nConfig.Contract for this account"
	switch open {
	case 0:
		return text + ":\n\n" + r.literal()
	case 1:
		return text + ", as far as it was checked; 1 statement is unknown, and may be wrong:\n\n" + r.literal()
	}
	return text + fmt.Sprintf(", as far as it was checked; %d statements are unknown, and may be wrong:\n\n", open) + r.literal()
}

// noPath reports whether every path that was tried is lost.
func (r report) noPath() bool {
	lost := 0
	for _, f := range r.findings {
		if !strings.HasSuffix(f.Field, "Path") {
			continue
		}
		if f.lost() {
			lost++
		} else if f.Outcome != unknown {
			return false
		}
	}
	return lost > 0
}

func (r report) print(to io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(to)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{
			"baseURL": r.baseURL, "refused": r.refused,
			"statements": r.findings, "contract": r.literal(),
			"confirmed": r.count(confirmed), "refuted": r.count(refuted), "unknown": r.count(unknown),
		})
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Base URL: %s\n\n", r.baseURL)
	fmt.Fprintln(table, "OUTCOME\tFIELD\tVALUE\tWHY")
	for _, f := range r.findings {
		value := f.Assumed
		if f.Outcome == refuted {
			value = strings.TrimPrefix(f.Found+", not "+f.Assumed, ", ")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.Outcome, f.Field, value, f.Why)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(to, "\n%s\n%s", r.summary(), r.refusals())
	return err
}

// refusals names the credentials that were refused, after a blank line; "" if there are none.
func (r report) refusals() string {
	const text = "\nRefused with 401, wherever %s sent: %s.\n"
	switch len(r.refused) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(text, "it was", r.refused[0])
	}
	return fmt.Sprintf(text, "they were", strings.Join(r.refused, ", "))
}
