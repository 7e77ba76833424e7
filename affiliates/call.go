package affiliates

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// answer is a pointer to a T that reads itself from JSON.
type answer[T any] interface {
	*T
	json.Unmarshaler
}

// do sends call and returns its answer, or nil and the error.
func do[T any, A answer[T]](ctx context.Context, s *Service, call transport.Call) (*T, error) {
	if s == nil || s.transport == nil {
		return nil, transport.ErrNoClient
	}
	result := new(T)
	call.Out = A(result)
	if err := s.transport.Do(ctx, call); err != nil {
		return nil, err
	}
	return result, nil
}

// decode reads data into fields, which has no UnmarshalJSON, and keeps a copy
// of data in raw, so that fields unknown here stay reachable.
func decode(data []byte, fields any, raw *json.RawMessage) error {
	if string(data) == "null" {
		return errors.New("null where an object belongs")
	}
	if err := json.Unmarshal(data, fields); err != nil {
		return readable(err)
	}
	*raw = bytes.Clone(data)
	return nil
}

// readable leaves out of err the Go type that a field was meant for, which is one
// of this package's own.
func readable(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Errorf("the field %q is a %s", wrong.Field, wrong.Value)
	}
	return err
}

// has reports whether a JSON object has a field of exactly this name.
func has(object []byte, name string) bool {
	var fields map[string]json.RawMessage
	err := json.Unmarshal(object, &fields)
	return err == nil && fields[name] != nil
}
