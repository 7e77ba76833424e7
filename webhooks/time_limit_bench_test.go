package webhooks

import (
	"context"
	"testing"
	"time"
)

// BenchmarkTimeLimit compares a timeLimit, from within since it has no name outside, with
// context.WithDeadline: for a function that ends without having waited for its context, as
// most do, and for one that has begun to, as one that queries a database does.
func BenchmarkTimeLimit(b *testing.B) {
	ctx := context.WithoutCancel(b.Context())
	unused := func(context.Context) {}
	waited := func(ctx context.Context) { _ = ctx.Done() }
	for _, function := range []struct {
		name string
		call func(context.Context)
	}{{"unused", unused}, {"waited", waited}} {
		b.Run(function.name+"/timeLimit", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				limited := &timeLimit{Context: ctx, deadline: time.Now().Add(defaultTimeout)}
				function.call(limited)
				limited.end()
			}
		})
		b.Run(function.name+"/WithDeadline", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				limited, cancel := context.WithDeadline(ctx, time.Now().Add(defaultTimeout))
				function.call(limited)
				cancel()
			}
		})
	}
}
