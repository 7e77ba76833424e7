package webhooks

import (
	"context"
	"log/slog"
	"reflect"
	"strconv"
	"time"
)

// SenderTimeout is how long StackBE waits for the response to a delivery. StackBE: Webhooks.
const SenderTimeout = 30 * time.Second

const (
	// defaultTimeout leaves time to mark the event as done, and more than the margin.
	defaultTimeout = 20 * time.Second

	// margin is for the part of the sender's time that the handler does not see: the
	// connection, and the transfer of the request and of the response.
	margin = 2 * time.Second

	// minSettleTimeout is the least time that marking an event as done needs.
	minSettleTimeout = time.Second

	// maxTimeout is the longest that a function may have.
	maxTimeout = SenderTimeout - margin - storeGrace - minSettleTimeout
)

// EventFunc handles an event. The context ends when its time is over, see [WithTimeout].
// After an error the sender retries the delivery. The error is logged as it is, so it
// should hold nothing that must not be in a log. The response is 400 if it matches
// [ErrMalformedEvent], and 500 otherwise.
type EventFunc func(context.Context, *Event) error

// HandlerOption registers a function for events, or changes how a [Handler] works: see
// [NewHandler].
type HandlerOption func(*handlerSettings) error

type handlerSettings struct {
	functions     map[EventType]EventFunc
	claims        Claims
	transactional TransactionalClaims
	timeout       time.Duration
	lease         time.Duration
	logger        *slog.Logger
	observe       func(context.Context, Receipt)
	receiver      string
}

func defaultHandlerSettings() handlerSettings {
	return handlerSettings{
		functions: make(map[EventType]EventFunc),
		timeout:   defaultTimeout,
		logger:    slog.Default(),
	}
}

// On registers the function for events of a type.
func On(eventType EventType, function EventFunc) HandlerOption {
	return func(s *handlerSettings) error {
		if eventType == "" {
			return invalidOption("a function is registered for an empty event type")
		}
		if function == nil {
			return invalidOption("the function for %q is nil", eventType)
		}
		if s.functions[eventType] != nil {
			return invalidOption("there are two functions for %q", eventType)
		}
		s.functions[eventType] = function
		return nil
	}
}

// OnTyped registers the function for events of a type, whose data is decoded into a T,
// see [Decode]. The response to data that does not fit is 400.
func OnTyped[T any](eventType EventType, function func(context.Context, *Event, T) error) HandlerOption {
	return onDecoded(eventType, Decode[T], function)
}

// OnApplicationApproved registers the function for [EventApplicationApproved].
func OnApplicationApproved(function func(context.Context, *Event, ApplicationApproved) error) HandlerOption {
	return onDecoded(EventApplicationApproved, (*Event).ApplicationApproved, function)
}

// OnApplicationRejected registers the function for [EventApplicationRejected].
func OnApplicationRejected(function func(context.Context, *Event, ApplicationRejected) error) HandlerOption {
	return onDecoded(EventApplicationRejected, (*Event).ApplicationRejected, function)
}

func onDecoded[T any](eventType EventType, decode func(*Event) (T, error), function func(context.Context, *Event, T) error) HandlerOption {
	if function == nil {
		return On(eventType, nil)
	}
	return On(eventType, func(ctx context.Context, event *Event) error {
		data, err := decode(event)
		if err != nil {
			return err
		}
		return function(ctx, event, data)
	})
}

// WithClaims sets the store that remembers which events are done. The default is a new
// [MemoryClaims], which suits a single process. All replicas share a store. Receivers of
// different webhooks need names to share one, see [WithReceiver].
//
// Events are claimed under a lease, with only the methods of [Claims]. A store that is a
// [TransactionalClaims] is refused, because a function that expects a transaction would
// not have one. See [WithTransactionalClaims].
func WithClaims(claims Claims) HandlerOption {
	return func(s *handlerSettings) error {
		if isNil(claims) {
			return invalidOption("the claims are nil")
		}
		if _, ok := claims.(TransactionalClaims); ok {
			return invalidOption("the claims of WithClaims are transactional: set them with WithTransactionalClaims, or give a store without Run, which claims under a lease")
		}
		s.claims = claims
		return nil
	}
}

// WithTransactionalClaims sets the store that remembers which events are done, as
// [WithClaims] does, and runs each event's function in the store's transaction. A store
// that wraps another needs a Run that calls the other's. There is no lease: [WithLease] has
// no effect. It cannot be combined with WithClaims.
func WithTransactionalClaims(claims TransactionalClaims) HandlerOption {
	return func(s *handlerSettings) error {
		if isNil(claims) {
			return invalidOption("the transactional claims are nil")
		}
		s.transactional = claims
		return nil
	}
}

// isNil reports whether an interface is nil or holds a nil pointer.
func isNil(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// WithReceiver names the receiver: 1 to 64 ASCII letters, digits, "-" or "_". Receivers of
// different webhooks get the same events under the same ids. If they share a store of
// claims, each needs a name, the same in all its replicas. Otherwise one takes the other's
// events as handled. The name and a colon precede each event's id in the store, so handlers
// with different names do not share events.
func WithReceiver(name string) HandlerOption {
	return func(s *handlerSettings) error {
		if !validReceiver(name) {
			return invalidOption("the receiver's name %q is not 1 to 64 letters, digits, - or _", name)
		}
		s.receiver = name
		return nil
	}
}

func validReceiver(name string) bool {
	for i := range len(name) {
		c := name[i]
		if letter := c | 0x20; (letter < 'a' || letter > 'z') && !isDigit(c) && c != '-' && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

// WithTimeout limits the time until an event's function returns, counted from the arrival of
// its delivery; 20 seconds by default. More than 26 seconds are refused, because the event
// has to be marked as done, and the response has to reach the sender, within
// [SenderTimeout]. Marking the event may take 5 seconds, or less if the timeout is less than
// 5 seconds or more than 22.
func WithTimeout(timeout time.Duration) HandlerOption {
	return func(s *handlerSettings) error {
		if timeout <= 0 || timeout > maxTimeout {
			return invalidOption("the timeout %v is not within 0 and %v, which leaves time to mark the event as done before the sender gives up", timeout, maxTimeout)
		}
		s.timeout = timeout
		return nil
	}
}

// WithLease sets how long an event is claimed for; twice the time limit by default. It must
// be at least the sum of the time limit and the time that marking the event as done may
// take: see [WithTimeout]. When a process is killed, its events can be handled again after
// the lease.
func WithLease(lease time.Duration) HandlerOption {
	return func(s *handlerSettings) error {
		if lease <= 0 {
			return invalidOption("the lease %v is not positive", lease)
		}
		s.lease = lease
		return nil
	}
}

// WithLogger sets the log, [slog.Default] by default. At Debug it receives events that were
// handled, ignored or in flight, and requests that were not a POST; at Info, deliveries
// after [Handler.Shutdown]; at Warn, deliveries that were refused or took longer than the
// time limit; at Error, failures, with the stack of a panic. Records hold an event's id and
// type, and never its data, a signature or a header.
func WithLogger(logger *slog.Logger) HandlerOption {
	return func(s *handlerSettings) error {
		if logger == nil {
			return invalidOption("the logger is nil")
		}
		s.logger = logger
		return nil
	}
}

// WithObserver sets a function that is called after each request, on its goroutine, for
// metrics and traces. It must be safe for concurrent use. If it panics, the panic is
// logged.
func WithObserver(observe func(context.Context, Receipt)) HandlerOption {
	return func(s *handlerSettings) error {
		if observe == nil {
			return invalidOption("the observer is nil")
		}
		s.observe = observe
		return nil
	}
}

func (s handlerSettings) handler(verifier *Verifier) (*Handler, error) {
	if len(s.functions) == 0 {
		return nil, invalidOption("no function is registered: see On and OnApplicationApproved")
	}
	if s.transactional != nil && s.claims != nil {
		return nil, invalidOption("there are both WithClaims and WithTransactionalClaims")
	}
	if s.lease == 0 {
		s.lease = 2 * s.timeout
	}
	settle := min(settleTimeout, s.timeout, SenderTimeout-margin-storeGrace-s.timeout)
	if s.lease < s.timeout+settle {
		return nil, invalidOption("the lease %v is not longer than the timeout %v by %v, in which a claim is settled", s.lease, s.timeout, settle)
	}
	if s.claims == nil && s.transactional == nil {
		claims, err := NewMemoryClaims(MemoryClaimsConfig{})
		if err != nil {
			return nil, err
		}
		s.claims = claims
	}
	_, inMemory := s.claims.(*MemoryClaims)
	return &Handler{
		verifier:      verifier,
		functions:     s.functions,
		claims:        s.claims,
		transactional: s.transactional,
		timeout:       s.timeout,
		lease:         s.lease,
		settle:        settle,
		inMemory:      inMemory,
		retryAfter:    wholeSeconds(s.timeout),
		logger:        s.logger,
		observe:       s.observe,
		receiver:      s.receiver,
	}, nil
}

// wholeSeconds is d in seconds, rounded up, as Retry-After has them.
func wholeSeconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
