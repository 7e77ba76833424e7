package affiliates

import (
	"bytes"
	"context"
	"encoding/json"

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
	if err := json.Unmarshal(data, fields); err != nil {
		return err
	}
	*raw = bytes.Clone(data)
	return nil
}
