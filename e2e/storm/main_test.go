// Package storm kills receivers of webhooks while events rain on them.
//
// Three processes receive; each is this test's own program, started again. Senders
// deliver every event one to five times, in random order, and retry each delivery
// until the response is a 2xx, as StackBE does. All the while a receiver is killed
// with SIGKILL, again and again, and another started in its place; or the Redis that
// keeps the claims is full now and then.
package storm

import (
	"fmt"
	"os"
	"testing"
)

// receiverVariable names the store of the receiver that this process is to be.
const receiverVariable = "STORM_RECEIVER"

func TestMain(m *testing.M) {
	store := os.Getenv(receiverVariable)
	if store == "" {
		os.Exit(m.Run())
	}
	if err := receive(store); err != nil {
		fmt.Fprintln(os.Stderr, "receiver:", err)
		os.Exit(1)
	}
}
