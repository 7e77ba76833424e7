package stackbetest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// misuses are misuses, each in the line that the test's output must name.
var misuses = map[string]func(*stackbetest.Server){
	"SessionToken":   func(s *stackbetest.Server) { s.SessionToken("nobody") },
	"CreateCustomer": func(s *stackbetest.Server) { s.CreateCustomer(stackbetest.CustomerParams{Email: "x"}) },
	"RecordPayment":  func(s *stackbetest.Server) { s.RecordPayment("nobody", affiliates.MoneyFromCents(1)) },
	"Advance":        func(s *stackbetest.Server) { s.Advance(-time.Second) },
	"Advance beyond": func(s *stackbetest.Server) { s.Advance(1<<63 - 1); s.Advance(1) },
	"Redeliver":      func(s *stackbetest.Server) { s.Redeliver("evt_none") },
}

const misuse = "STACKBETEST_MISUSE"

func TestMisuse(t *testing.T) {
	do := misuses[os.Getenv(misuse)]
	if do == nil {
		t.Skip("is run by TestFailureNamesTheLineOfTheTest")
	}
	do(stackbetest.New(t))
}

func TestFailureNamesTheLineOfTheTest(t *testing.T) {
	for name := range misuses {
		command := exec.Command(os.Args[0], "-test.run=^TestMisuse$")
		command.Env = append(os.Environ(), misuse+"="+name)
		output, err := command.CombinedOutput()
		assert.Error(t, err, name)
		assert.Contains(t, string(output), "    failure_test.go:", name)
		assert.Contains(t, string(output), "stackbetest: "+strings.Fields(name)[0], name)
	}
}
