package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

const triggerUsage = `Usage: stackbe-mock trigger EVENT [-set path=value]… [-to URL]

Trigger sends an event to a receiver, signed and with data in the documented form. It fails if the
receiver does not accept it. No server has to run.

-set changes or adds a field of the data, or of the envelope: customer.email=jane@acme.com, id=evt_1. A
value that is JSON is taken as JSON, any other as a string. A path may begin with data.

Events:
`

type triggering struct {
	posting
	envelope delivery.Envelope
	sets     []string
}

func newTriggerFlags(t *triggering) *flag.FlagSet {
	flags := flag.NewFlagSet("trigger", flag.ContinueOnError)
	t.flags(flags)
	flags.Func("set", "`path=value` of a field to change; may be given more than once", func(text string) error {
		t.sets = append(t.sets, text)
		return nil
	})
	flags.Func("envelope", "`form` of the body: partner, general, or bare, which is {\"event\", \"data\"} (default partner, or general for a general event)", func(text string) error {
		return t.envelope.UnmarshalText([]byte(text))
	})
	return flags
}

// trigger sends an event.
func trigger(ctx context.Context, args []string, stdout io.Writer) error {
	var t triggering
	others, err := parseCommand(newTriggerFlags(&t), triggerUsage+eventNames(), args, stdout)
	if err != nil {
		return err
	}
	if len(others) == 0 {
		return errors.New("trigger: which event? There are:\n" + eventNames())
	}
	kind := program.EventKind(others[0])
	if !kind.Known() {
		return fmt.Errorf("trigger: there is no event %q. There are:\n%s", kind, eventNames())
	}
	for _, other := range others[1:] {
		if !strings.Contains(other, "=") {
			return fmt.Errorf("trigger: unexpected argument %q; stackbe-mock trigger -help lists the flags", other)
		}
		t.sets = append(t.sets, other) // -set takes one or more
	}
	if err := t.check(); err != nil {
		return err
	}
	body, id, err := t.body(kind)
	if err != nil {
		return err
	}
	what := string(kind)
	if id != "" {
		what += " " + id
	}
	return t.post(ctx, what, body, id, stdout)
}

func eventNames() string {
	var names strings.Builder
	for _, kind := range eventKinds() {
		names.WriteString("  " + string(kind) + "\n")
	}
	return names.String()
}

func eventKinds() []program.EventKind {
	return []program.EventKind{
		program.ApplicationApproved, program.ApplicationRejected,
		program.SubscriptionCreated, program.SubscriptionUpdated, program.SubscriptionWasCanceled, program.SubscriptionPaused, program.SubscriptionResumed,
		program.CustomerCreated, program.CustomerUpdated,
		program.PaymentSucceeded, program.PaymentFailed,
		program.EntitlementsUpdated,
	}
}

// body is that of the event with the changes, and its id, which a bare envelope does not have.
func (t *triggering) body(kind program.EventKind) (body []byte, id string, err error) {
	body, err = delivery.Body(sample(kind, time.Now().UTC().Truncate(time.Millisecond)), t.envelope)
	if err != nil {
		return nil, "", err
	}
	if len(t.sets) > 0 {
		if body, err = change(body, t.sets); err != nil {
			return nil, "", err
		}
	}
	return body, idOf(body), nil
}

// idOf is the id in the envelope of a body; empty if it has none.
func idOf(body []byte) string {
	var envelope struct {
		ID json.RawMessage `json:"id"`
	}
	var id string
	if json.Unmarshal(body, &envelope) != nil || json.Unmarshal(envelope.ID, &id) != nil {
		return ""
	}
	return id
}

// change sets fields of a body.
func change(body []byte, sets []string) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var fields any
	if err := decoder.Decode(&fields); err != nil {
		return nil, err
	}
	for _, text := range sets {
		path, value, ok := strings.Cut(text, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("-set: %q is not of the form path=value", text)
		}
		names := strings.Split(path, ".")
		if !slices.Contains([]string{"id", "event", "type", "timestamp", "data"}, names[0]) {
			names = append([]string{"data"}, names...)
		}
		var err error
		if fields, err = set(fields, names, parseValue(value)); err != nil {
			return nil, fmt.Errorf("-set: %s: %w", path, err)
		}
	}
	var changed bytes.Buffer
	encoder := json.NewEncoder(&changed)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(fields)
	return bytes.TrimSpace(changed.Bytes()), err
}

// parseValue is the value of a text as JSON, or else the text itself.
func parseValue(text string) any {
	if !json.Valid([]byte(text)) {
		return text
	}
	return json.RawMessage(text)
}

// set returns an object in which the field of a path has a value. Objects that there are not are made.
func set(in any, path []string, value any) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	if path[0] == "" {
		return nil, errors.New("a name in the path is empty")
	}
	if raw, ok := in.(json.RawMessage); ok { // of an earlier -set
		in = nil
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, err
		}
	}
	if in == nil {
		in = map[string]any{}
	}
	object, ok := in.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is a field of something that is not an object", path[0])
	}
	inner, err := set(object[path[0]], path[1:], value)
	if err != nil {
		return nil, err
	}
	object[path[0]] = inner
	return object, nil
}

// newID is that of an event that no other has.
func newID() string { return "evt_" + strings.ToLower(rand.Text()) }
