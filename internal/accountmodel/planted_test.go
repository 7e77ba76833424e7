package accountmodel_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const program = "../refserver/program/"

// plantedErrors replace a text of a file of the server by another.
var plantedErrors = []struct{ name, file, text, planted string }{
	{"a share that is rounded down", "money.go", "amount*Cents(rate) + Cents(wholeRate)/2", "amount * Cents(rate)"},
	{"a share that is rounded up", "money.go", "Cents(wholeRate)/2", "Cents(wholeRate) - 1"},
	{"a payout of what stays ready, and is paid again", "ledger.go", "EntryPayoutRequested: {ready, inPayout, causePayout}", "EntryPayoutRequested: {outside, inPayout, causePayout}"},
	{"a payout that takes the commissions of the one before", "payout.go", "return p.at(seqs[len(seqs)-1]).Batch + 1", "return p.at(seqs[len(seqs)-1]).Batch"},
	{"a refund that costs no commission", "refund.go", "s.takeBack(commission, less, refund)", "_ = less"},
	{"a refund that costs only what is in review", "commission.go", "clawback.Amount = -less", "return"},
	{"a day that is lost at the end of a month", "subscription.go", "return monthsAfter(s.CreatedAt, s.Months)", "return monthsAfter(monthsAfter(s.CreatedAt, s.Months-1), 1)"},
	{"a month that overflows into the next", "calendar.go", "min(moment.Day(), lastDay(first))-1", "moment.Day()-1"},
	{"an entry with the cause of another", "ledger.go", "{inReview, ready, causeCommission}", "{inReview, ready, causeInvoice}"},
	{"an invoice that is refunded in part, and shown as refunded", "refund.go", "return InvoicePartiallyRefunded", "return InvoiceRefunded"},
	{"a payout before what becomes ready at its time", "schedule.go", "s.schedule.AddLast(due.At, due)", "s.schedule.Add(due.At, due)"},
	{"a snapshot without the payouts of commissions", "commission.go", "`json:\"batch,omitempty\"`", "`json:\"-\"`"},
}

// plant, if set, lets the test build the server with each error, which takes a while.
const plant = "ACCOUNTMODEL_PLANT"

func TestHistoriesNoticePlantedErrors(t *testing.T) {
	if os.Getenv(plant) == "" {
		t.Skip("set " + plant)
	}
	for _, fault := range plantedErrors {
		t.Run(fault.name, func(t *testing.T) {
			output, err := playWith(t, fault.file, fault.text, fault.planted)
			require.Error(t, err, "no history noticed it")
			assert.Contains(t, output, "--- FAIL: TestServerKeepsTheAccountsOfTheModel", "it fails for another reason")
		})
	}
	t.Run("and accept the server as it is", func(t *testing.T) {
		output, err := playWith(t, "money.go", "package program", "package program")
		require.NoError(t, err, output)
	})
}

// playWith plays histories on the server with a text of a file replaced.
func playWith(t *testing.T, file, text, planted string) (output string, err error) {
	path, err := filepath.Abs(program + file)
	require.NoError(t, err)
	source, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(source), text)

	replacement, overlay := filepath.Join(t.TempDir(), file), filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(replacement, []byte(strings.Replace(string(source), text, planted, 1)), 0o600))
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{path: replacement}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, replaced, 0o600))

	command := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-run", "^TestServerKeepsTheAccountsOfTheModel$",
		"-rapid.checks=300", "-rapid.seed=1", "-rapid.nofailfile", "-rapid.shrinktime=1ns", ".")
	command.Env = append(os.Environ(), plant+"=")
	written, err := command.CombinedOutput()
	return string(written), err
}
