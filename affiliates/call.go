package affiliates

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

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

// get reads the resource at route, with id as its element beside the app's id.
func get[T any, R response[T]](ctx context.Context, s *Service, credential transport.Credential, route, id string) (*T, error) {
	return do[T, R](ctx, s, transport.Call{Method: http.MethodGet, Route: route, ID: id, Credential: credential})
}

// getRecord is get for a resource that has an id of its own.
func getRecord[T any, R response[T]](ctx context.Context, s *Service, credential transport.Credential, route, id string) (*T, error) {
	found, err := get[record[T, R]](ctx, s, credential, route, id)
	return found.unwrap(), err
}

// post sends a write, by POST unless it says otherwise, once the arguments are checked.
func post[T any, R response[T]](ctx context.Context, s *Service, to transport.Call, arguments ...argument) (*T, error) {
	if err := s.check(arguments...); err != nil {
		return nil, err
	}
	to.Method = cmp.Or(to.Method, http.MethodPost)
	return do[T, R](ctx, s, to)
}

// postRecord is post for a call whose response has an id of its own.
func postRecord[T any, R response[T]](ctx context.Context, s *Service, to transport.Call, arguments ...argument) (*T, error) {
	written, err := post[record[T, R]](ctx, s, to, arguments...)
	return written.unwrap(), err
}

// record is a response that has an id: JSON about something else must not look like a
// new payout. In a list, and in what StackBE sends, an id may be missing.
type record[T any, R response[T]] struct{ value T }

func (r *record[T, R]) UnmarshalJSON(data []byte) error {
	if err := R(&r.value).UnmarshalJSON(data); err != nil {
		return err
	}
	return need(data, "id")
}

func (r *record[T, R]) unwrap() *T {
	if r == nil {
		return nil
	}
	return &r.value
}
