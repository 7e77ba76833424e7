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
	"Subscribe":      func(s *stackbetest.Server) { s.Subscribe("nobody", affiliates.PlanPro) },
	"PayInvoice":     func(s *stackbetest.Server) { s.PayInvoice("none") },
	"Refund":         func(s *stackbetest.Server) { s.Refund("none", affiliates.Money{}) },
	"GrantAccess":    func(s *stackbetest.Server) { s.GrantAccess("nobody") },
	"CustomerClient": func(s *stackbetest.Server) { s.CustomerClient("nobody") },
	"Application":    func(s *stackbetest.Server) { s.Application("nobody@acme.com") },
	"Affiliate":      func(s *stackbetest.Server) { s.Affiliate("NONE") },
	"Statement":      func(s *stackbetest.Server) { s.Statement("nobody") },
	"Fail":           func(s *stackbetest.Server) { s.Fail(stackbetest.Fault{}) },
	"Seed":           func(s *stackbetest.Server) { s.Seed(`{`) },
	"Seed of records": func(s *stackbetest.Server) {
		s.Seed(`{"apps": [{"partners": [{"id": "a", "customerId": "none", "code": "ABC"}]}]}`)
	},
	"Restore":    func(s *stackbetest.Server) { s.Restore(`{"customers": []}`) },
	"Demo":       func(s *stackbetest.Server) { s.CreateCustomer(stackbetest.CustomerParams{Email: "a@b.co"}); s.Demo() },
	"AddWebhook": func(s *stackbetest.Server) { s.AddWebhook(stackbetest.WebhookParams{}) },
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
		if method := strings.Fields(name)[0]; method != "CustomerClient" { // SessionToken says why
			assert.Contains(t, string(output), "stackbetest: "+method, name)
		}
	}
}
