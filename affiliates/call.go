package affiliates

import (
	"context"
	"encoding/json"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// response is a pointer to a T that reads itself from JSON.
type response[T any] interface {
	*T
	json.Unmarshaler
}

// do sends call and returns its response, or nil and the error.
func do[T any, R response[T]](ctx context.Context, s *Service, call transport.Call) (*T, error) {
	if s == nil || s.transport == nil {
		return nil, transport.ErrNoClient
	}
	result := new(T)
	call.Out = R(result)
	call.Translated = true
	if err := s.transport.Do(ctx, call); err != nil {
		return nil, err
	}
	return result, nil
}
