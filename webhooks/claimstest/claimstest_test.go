package claimstest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/claimstest"
	"github.com/stretchr/testify/require"
)

// clock is a clock that is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newMemory(t *testing.T) (*webhooks.MemoryClaims, func(time.Duration)) {
	t.Helper()
	clock := &clock{now: time.Unix(1_700_000_000, 0)}
	claims, err := webhooks.NewMemoryClaims(webhooks.MemoryConfig{Now: clock.Now})
	require.NoError(t, err)
	return claims, clock.advance
}

// transactional is a store whose transactions cover the claim only.
type transactional struct{ *webhooks.MemoryClaims }

func (s transactional) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
	token, err := s.Claim(ctx, eventID, time.Hour)
	if err != nil {
		return err
	}
	finished := false
	defer func() {
		if !finished {
			_ = s.Release(context.WithoutCancel(ctx), eventID, token)
		}
	}()
	if err := handle(ctx); err != nil {
		return err
	}
	finished = true
	return s.Done(ctx, eventID, token)
}

func TestASoundStorePasses(t *testing.T) {
	t.Run("with a clock that is moved", func(t *testing.T) {
		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
			claims, advance := newMemory(t)
			return claims, advance
		})
	})
	t.Run("with a clock that is not", func(t *testing.T) {
		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
			claims, err := webhooks.NewMemoryClaims(webhooks.MemoryConfig{})
			require.NoError(t, err)
			return claims, nil
		})
	})
	t.Run("with transactions", func(t *testing.T) {
		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
			claims, advance := newMemory(t)
			return transactional{claims}, advance
		})
	})
}

// brokenStores each break one promise, and name the test that has to notice.
var brokenStores = map[string]struct {
	wrap    func(transactional) webhooks.Claims
	noticed string
}{
	"claims what is claimed":   {func(s transactional) webhooks.Claims { return everybody{s} }, "a_claimed_event_is_in_flight"},
	"forgets what is done":     {func(s transactional) webhooks.Claims { return forgetful{s} }, "an_event_that_is_done_stays_done"},
	"keeps what is released":   {func(s transactional) webhooks.Claims { return keeper{s} }, "a_released_event_can_be_claimed_at_once"},
	"takes any token":          {func(s transactional) webhooks.Claims { return &trusting{transactional: s} }, "who_lost_the_event_neither_finishes_nor_releases_it_for_the_next"},
	"ignores letter case":      {func(s transactional) webhooks.Claims { return folding{s} }, "events_whose_ids_differ_in_one_character_are_different_events"},
	"truncates ids":            {func(s transactional) webhooks.Claims { return truncating{s} }, "events_whose_ids_differ_in_one_character_are_different_events"},
	"ignores the context":      {func(s transactional) webhooks.Claims { return deaf{s} }, "a_call_whose_context_is_over_fails_and_changes_nothing"},
	"never ends a lease":       {func(s transactional) webhooks.Claims { return endless{s} }, "an_event_whose_lease_ran_out_can_be_claimed_again"},
	"runs what is done":        {func(s transactional) webhooks.Claims { return rerunning{s} }, "an_event_is_run_once"},
	"commits in spite of that": {func(s transactional) webhooks.Claims { return committing{s} }, "an_error_comes_back_as_it_is_and_leaves_the_event_free"},
}

type everybody struct{ transactional }

func (s everybody) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	token, err := s.transactional.Claim(ctx, eventID, lease)
	if err == webhooks.ErrInFlight {
		return "another", nil
	}
	return token, err
}

type forgetful struct{ transactional }

func (s forgetful) Done(ctx context.Context, eventID, token string) error {
	return s.Release(ctx, eventID, token)
}

type keeper struct{ transactional }

func (s keeper) Release(context.Context, string, string) error { return nil }

type trusting struct {
	transactional
	current sync.Map
}

func (s *trusting) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	token, err := s.transactional.Claim(ctx, eventID, lease)
	if err == nil {
		s.current.Store(eventID, token)
	}
	return token, err
}

func (s *trusting) Done(ctx context.Context, eventID, _ string) error {
	token, _ := s.current.Load(eventID)
	text, _ := token.(string)
	return s.transactional.Done(ctx, eventID, text)
}

type folding struct{ transactional }

func (s folding) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	return s.transactional.Claim(ctx, strings.ToLower(eventID), lease)
}

type truncating struct{ transactional }

func (s truncating) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	return s.transactional.Claim(ctx, eventID[:min(len(eventID), 255)], lease)
}

type deaf struct{ transactional }

func (s deaf) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	return s.transactional.Claim(context.WithoutCancel(ctx), eventID, lease)
}

type endless struct{ transactional }

func (s endless) Claim(ctx context.Context, eventID string, lease time.Duration) (string, error) {
	return s.transactional.Claim(ctx, eventID, 1000*lease)
}

type rerunning struct{ transactional }

func (s rerunning) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
	if err := s.transactional.Run(ctx, eventID, handle); err != webhooks.ErrDone {
		return err
	}
	return handle(ctx)
}

type committing struct{ transactional }

func (s committing) Run(ctx context.Context, eventID string, handle func(context.Context) error) error {
	var failure error
	err := s.transactional.Run(ctx, eventID, func(ctx context.Context) error {
		failure = handle(ctx)
		return nil
	})
	if err != nil {
		return err
	}
	return failure
}

const brokenVariable = "CLAIMSTEST_BROKEN_STORE"

// TestABrokenStore is the process that TestTheSuiteNoticesABrokenStore starts.
func TestABrokenStore(t *testing.T) {
	broken, ok := brokenStores[os.Getenv(brokenVariable)]
	if !ok {
		t.Skip("runs in a process of its own")
	}
	claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
		claims, advance := newMemory(t)
		return broken.wrap(transactional{claims}), advance
	})
}

func TestTheSuiteNoticesABrokenStore(t *testing.T) {
	for name, broken := range brokenStores {
		t.Run("one that "+name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestABrokenStore$/.*/^"+broken.noticed+"$")
			command.Env = append(os.Environ(), brokenVariable+"="+name)
			output, err := command.CombinedOutput()
			require.Error(t, err, "the suite passes")
			require.Contains(t, string(output), "/"+broken.noticed)
			require.Contains(t, string(output), "--- FAIL")
		})
	}
}
