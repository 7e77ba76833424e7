package refserver_test

import (
	"runtime"
	"sync"
)

// A shelf keeps what the benchmarks of one size share: to make it takes longer than to run them.
type shelf[T any] struct {
	mu   sync.Mutex
	made map[int]T
}

func (s *shelf[T]) get(n int, fill func() T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made, ok := s.made[n]; ok {
		return made
	}
	if s.made == nil {
		s.made = map[int]T{}
	}
	s.made[n] = fill()
	runtime.GC() // so that no benchmark pays for it
	return s.made[n]
}
