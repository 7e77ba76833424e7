package inprocess

import (
	"context"
	"sync"
)

// streamed is how much of a body is on its way at most.
const streamed = 64 << 10

// A stream carries the body of a response. The zero value is empty.
type stream struct {
	mu      sync.Mutex
	data    []byte
	err     error // what comes after data; nil while there may be more
	closed  bool  // by the reader
	changed chan struct{}
}

// write returns when all of p is on its way.
func (s *stream) write(ctx context.Context, p []byte) (written int, err error) {
	for {
		n, changed, err := s.put(p[written:])
		written += n
		if err != nil || written == len(p) {
			return written, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return written, errClientGone
		}
	}
}

func (s *stream) put(p []byte) (n int, changed <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.closed {
		return 0, nil, errClientGone
	}
	n = min(len(p), streamed-len(s.data))
	s.data = append(s.data, p[:n]...)
	s.tell()
	if n == len(p) {
		return n, nil, nil
	}
	return n, s.wait(), nil
}

// read returns what there is, or waits for more.
func (s *stream) read(ctx context.Context, p []byte) (n int, err error) {
	for {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		n, changed, err := s.take(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

func (s *stream) take(p []byte) (n int, changed <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if n = copy(p, s.data); n > 0 {
		s.data = s.data[n:]
		s.tell()
		return n, nil, nil
	}
	if s.err != nil {
		return 0, nil, s.err
	}
	return 0, s.wait(), nil
}

// end says what comes after the data.
func (s *stream) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.err = err
	s.tell()
}

// close is called by a reader that reads no more.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.closed, s.data = true, nil
	s.tell()
}

// wait is closed at the next change.
func (s *stream) wait() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

func (s *stream) tell() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}
