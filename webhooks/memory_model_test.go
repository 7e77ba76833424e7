package webhooks_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMemoryClaimsForgetLapsedClaimBeforeDoneEvent(t *testing.T) {
	clock := newClock()
	claims := newMemory(t, webhooks.MemoryClaimsConfig{Capacity: 4, Now: clock.Now})
	for id, lease := range map[string]time.Duration{"long": time.Hour, "short": time.Minute, "middling": time.Minute + 1} {
		_, err := claims.Claim(t.Context(), id, lease)
		require.NoError(t, err)
	}
	finish(t, claims, "done")
	clock.advance(2 * time.Minute)
	finish(t, claims, "in the place of short")
	finish(t, claims, "in the place of middling")
	for _, id := range []string{"done", "in the place of short", "in the place of middling"} {
		assert.True(t, isDone(t, claims, id), id)
	}
	_, err := claims.Claim(t.Context(), "long", time.Minute)
	assert.ErrorIs(t, err, webhooks.ErrInFlight, "its lease is not over")
}

func TestMemoryClaimsForgetEventsPastRetentionFirst(t *testing.T) {
	clock := newClock()
	claims := newMemory(t, webhooks.MemoryClaimsConfig{Capacity: 2, Retention: webhooks.MinRetention, Now: clock.Now})
	finish(t, claims, "done")
	lapsed, err := claims.Claim(t.Context(), "lapsed", time.Minute)
	require.NoError(t, err)
	clock.advance(webhooks.MinRetention)
	finish(t, claims, "new")
	assert.NoError(t, claims.Done(t.Context(), "lapsed", lapsed), "a late Done still counts")
	assert.True(t, isDone(t, claims, "new"))
}

func TestMemoryClaimsForgetClaimThatLapsedLongestAgoFirst(t *testing.T) {
	clock := newClock()
	claims := newMemory(t, webhooks.MemoryClaimsConfig{Capacity: 3, Now: clock.Now})
	finish(t, claims, "done")
	tokens := make(map[string]string)
	for id, lease := range map[string]time.Duration{"of late": 2 * time.Minute, "long ago": time.Minute - time.Millisecond} {
		token, err := claims.Claim(t.Context(), id, lease)
		require.NoError(t, err)
		tokens[id] = token
	}
	clock.advance(2*time.Minute + time.Millisecond)
	finish(t, claims, "new")
	assert.ErrorIs(t, claims.Done(t.Context(), "long ago", tokens["long ago"]), webhooks.ErrClaimLost)
	assert.NoError(t, claims.Done(t.Context(), "of late", tokens["of late"]), "a late Done counts")
	assert.True(t, isDone(t, claims, "done"))
}

func TestMemoryClaimsForgetClaimThatLapsedJustNowBeforeDoneEvent(t *testing.T) {
	clock := newClock()
	claims := newMemory(t, webhooks.MemoryClaimsConfig{Capacity: 2, Now: clock.Now})
	finish(t, claims, "done")
	lapsed, err := claims.Claim(t.Context(), "lapsed", time.Second)
	require.NoError(t, err)
	clock.advance(time.Second + time.Millisecond)
	finish(t, claims, "new")
	assert.True(t, isDone(t, claims, "done"))
	assert.ErrorIs(t, claims.Done(t.Context(), "lapsed", lapsed), webhooks.ErrClaimLost, "the contract allows this to a full store")
}

// claimsModel is a minimal model of MemoryClaims: a list in the order of the claims, then
// of what is done.
type claimsModel struct {
	capacity  int
	retention time.Duration
	claims    []modelClaim // in the order in which they were made or done
}

type modelClaim struct {
	id, token string
	until     time.Time
	done      bool
}

func (m *claimsModel) find(id string) int {
	for i, claim := range m.claims {
		if claim.id == id {
			return i
		}
	}
	return -1
}

func (m *claimsModel) forget(i int) { m.claims = append(m.claims[:i:i], m.claims[i+1:]...) }

// claim returns what a claim should fail with, having made room for it if it should not.
func (m *claimsModel) claim(id string, now time.Time) error {
	if i := m.find(id); i >= 0 {
		switch claim := m.claims[i]; {
		case !claim.until.After(now):
			m.forget(i)
		case claim.done:
			return webhooks.ErrDone
		default:
			return webhooks.ErrInFlight
		}
	}
	if len(m.claims) < m.capacity {
		return nil
	}
	for _, forgettable := range []func(modelClaim) bool{
		func(c modelClaim) bool { return c.done && !c.until.After(now) },
		func(c modelClaim) bool { return !c.done && !c.until.After(now) },
		func(c modelClaim) bool { return c.done },
	} {
		if i := m.first(forgettable); i >= 0 {
			m.forget(i)
			return nil
		}
	}
	return webhooks.ErrClaimsFull
}

// first returns which of those that match is due first.
func (m *claimsModel) first(matches func(modelClaim) bool) int {
	found := -1
	for i, claim := range m.claims {
		if matches(claim) && (found < 0 || claim.until.Before(m.claims[found].until)) {
			found = i
		}
	}
	return found
}

func TestMemoryClaimsMatchModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		clock := newClock()
		model := &claimsModel{capacity: rapid.IntRange(1, 6).Draw(r, "capacity"), retention: webhooks.MinRetention}
		claims := newMemory(t, webhooks.MemoryClaimsConfig{Capacity: model.capacity, Retention: model.retention, Now: clock.Now})
		tokens := map[string][]string{}
		anID := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i"})
		aToken := func(r *rapid.T, id string) string {
			return rapid.SampledFrom(append([]string{"no token"}, tokens[id]...)).Draw(r, "token")
		}
		r.Repeat(map[string]func(*rapid.T){
			"Claim": func(r *rapid.T) {
				clock.advance(time.Nanosecond) // so that no two are due at the same time
				id, lease := anID.Draw(r, "id"), time.Duration(rapid.IntRange(1, 10).Draw(r, "minutes"))*time.Minute
				want := model.claim(id, clock.Now())
				token, err := claims.Claim(t.Context(), id, lease)
				require.ErrorIs(r, err, want)
				if want == nil {
					tokens[id] = append(tokens[id], token)
					model.claims = append(model.claims, modelClaim{id: id, token: token, until: clock.Now().Add(lease)})
				}
			},
			"Done": func(r *rapid.T) {
				clock.advance(time.Nanosecond)
				id := anID.Draw(r, "id")
				token := aToken(r, id)
				i := model.find(id)
				var want error
				if i < 0 || model.claims[i].token != token {
					want = webhooks.ErrClaimLost
				} else if !model.claims[i].done {
					model.forget(i)
					model.claims = append(model.claims, modelClaim{id, token, clock.Now().Add(model.retention), true})
				}
				require.ErrorIs(r, claims.Done(t.Context(), id, token), want)
			},
			"Release": func(r *rapid.T) {
				id := anID.Draw(r, "id")
				token := aToken(r, id)
				i := model.find(id)
				var want error
				if i < 0 || model.claims[i].token != token || model.claims[i].done {
					want = webhooks.ErrClaimLost
				} else {
					model.forget(i)
				}
				require.ErrorIs(r, claims.Release(t.Context(), id, token), want)
			},
			"time passes": func(r *rapid.T) {
				steps := []time.Duration{time.Minute, 5 * time.Minute, webhooks.MinRetention / 2, webhooks.MinRetention}
				clock.advance(rapid.SampledFrom(steps).Draw(r, "by"))
			},
		})
	})
}

// BenchmarkRefusedClaim is a claim that a full store refuses: its cost does not grow with
// what is in flight.
func BenchmarkRefusedClaim(b *testing.B) {
	for _, inFlight := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(inFlight, " in flight"), func(b *testing.B) {
			claims := newMemory(b, webhooks.MemoryClaimsConfig{Capacity: inFlight})
			for n := range inFlight {
				_, err := claims.Claim(b.Context(), fmt.Sprint("evt_", n), time.Hour)
				require.NoError(b, err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := claims.Claim(b.Context(), "evt_new", time.Hour); err != webhooks.ErrClaimsFull {
					b.Fatal(err)
				}
			}
		})
	}
}
