package chaos

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// checkGoroutines fails the test if goroutines stay that are not among those before.
func checkGoroutines(t *testing.T, before map[string]string) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(patience); len(left(before)) > 0 && time.Now().Before(end); {
		<-ticker.C
	}
	assert.Empty(t, left(before), "goroutines are left behind")
}

// goroutines returns the stacks of all goroutines by their ids, without those of the proxies, which
// leave some behind.
func goroutines() map[string]string {
	buffer := make([]byte, 16<<20)
	buffer = buffer[:runtime.Stack(buffer, true)]
	stacks := make(map[string]string)
	for _, stack := range strings.Split(string(buffer), "\n\n") {
		id, _, _ := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
		if !strings.Contains(stack, "toxiproxy") {
			stacks[id] = stack
		}
	}
	return stacks
}

// left returns the stacks of goroutines that are not among those before.
func left(before map[string]string) (stacks []string) {
	for id, stack := range goroutines() {
		if before[id] == "" && !strings.Contains(stack, "testing.") {
			stacks = append(stacks, stack)
		}
	}
	return stacks
}
