package claimstest_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/claimstest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clock is a clock that is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_700_000_000, 0)} }

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

func TestRunPassesSoundStore(t *testing.T) {
	t.Run("with a clock that is moved", func(t *testing.T) {
		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
			clock := newClock()
			claims, err := webhooks.NewMemoryClaims(webhooks.MemoryClaimsConfig{Now: clock.Now})
			require.NoError(t, err)
			return claims, clock.advance
		})
	})
	t.Run("with a clock that is not", func(t *testing.T) {
		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
			claims, err := webhooks.NewMemoryClaims(webhooks.MemoryClaimsConfig{})
			require.NoError(t, err)
			return claims, nil
		})
	})
	t.Run("with transactions", func(t *testing.T) {
		claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
			clock := newClock()
			return newReference(clock.Now), clock.advance
		}, claimstest.WithRetention(referenceRetention))
	})
}

const (
	mutantVariable = "CLAIMSTEST_MUTANT"
	clockVariable  = "CLAIMSTEST_CLOCK" // "real", or moved by hand
)

// TestMutant is the process that TestRunFailsMutant starts.
func TestMutant(t *testing.T) {
	mutant, ok := mutants[os.Getenv(mutantVariable)]
	if !ok {
		t.Skip("runs in a process of its own")
	}
	claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
		if os.Getenv(clockVariable) == "real" {
			return mutant.make(newReference(time.Now)), nil
		}
		clock := newClock()
		return mutant.make(newReference(clock.Now)), clock.advance
	}, claimstest.WithRetention(referenceRetention))
}

// start runs a test of the suite on a mutant. It returns how often that failed.
func start(t *testing.T, m mutant, clock string, arguments ...string) (failed int) {
	t.Helper()
	name := regexp.QuoteMeta(strings.ReplaceAll(m.noticed, " ", "_"))
	arguments = append(arguments, "-test.run=^TestMutant$/.*/^"+name+"$")
	command := exec.CommandContext(t.Context(), os.Args[0], arguments...)
	command.Env = append(os.Environ(), mutantVariable+"="+m.name, clockVariable+"="+clock)
	output, err := command.CombinedOutput()
	require.Error(t, err, "the suite passes")
	require.NotContains(t, string(output), "\npanic: ", "the suite panics")
	require.NotContains(t, string(output), "DATA RACE", "the mutant is not only wrong")
	return len(regexp.MustCompile("--- FAIL: TestMutant/[a-z]+/"+name+` \(`).FindAllString(string(output), -1))
}

func TestRunFailsMutant(t *testing.T) {
	races := byName(raceMutants)
	for name, mutant := range mutants {
		if _, ok := races[name]; ok {
			continue // see TestRunFailsRaceOnAnyNumberOfProcessors
		}
		t.Run("that "+name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, 1, start(t, mutant, "moved"))
		})
	}
}

// A machine that is busy may let a race pass now and then, and no more than that.
func TestRunFailsRaceOnAnyNumberOfProcessors(t *testing.T) {
	for _, mutant := range raceMutants {
		t.Run("in a mutant that "+mutant.name, func(t *testing.T) {
			t.Parallel()
			require.GreaterOrEqual(t, start(t, mutant, "moved", "-test.cpu=1,2,8", "-test.count=4"), 9, "of 12 runs")
		})
	}
}

// TestRunFailsMutantWhoseClockCannotBeMoved is of those that need no long time.
func TestRunFailsMutantWhoseClockCannotBeMoved(t *testing.T) {
	for _, name := range []string{
		"rounds leases down to seconds",
		"rounds leases down to seconds, of which it takes one at least",
		"rounds leases up to seconds",
		"halves leases",
		"shortens leases by a tenth",
		"shortens leases by 90 ms",
		"doubles leases",
		"never ends a lease",
		"refuses a late Done",
		"says that a late Done counts, and it does not",
		"marks an event until its lease runs out",
		"marks an event that another took over",
		"releases the claim of the next",
		"keeps an event that is released late",
		"can be entered while it takes over",
		"can be entered while it marks",
		"can be entered while it releases late",
		"leaves a run event to who had it before",
	} {
		t.Run("that "+name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, mutants, name)
			require.Positive(t, start(t, mutants[name], "real", "-test.count=3"), "of 3 runs: a busy machine may let one pass")
		})
	}
}

// TestEachTestOfRunIsNeeded checks that each test of the suite detects a mutant.
func TestEachTestOfRunIsNeeded(t *testing.T) {
	noticed := make(map[string]bool)
	for _, mutant := range mutants {
		noticed[strings.ReplaceAll(mutant.noticed, " ", "_")] = true
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunPassesSoundStore$/^with_transactions$", "-test.v")
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	tests := regexp.MustCompile(`(?m)^=== RUN +TestRunPassesSoundStore/with_transactions/[a-z]+/(.*)$`).FindAllStringSubmatch(string(output), -1)
	require.NotEmpty(t, tests)
	for _, test := range tests {
		assert.True(t, noticed[test[1]], "no mutant needs %q", test[1])
		delete(noticed, test[1])
	}
	assert.Empty(t, noticed, "these are not in the suite")
}
