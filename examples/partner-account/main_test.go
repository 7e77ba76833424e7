package main

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestYearOfAPartner(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	for _, lines := range []string{
		`
  Silver: 30%, from 6 paid subscriptions or $50.00 of monthly referral value on
  Gold: 40%, from $500.00 of monthly referral value on
`, `
  Before, with $40.00 of monthly referral value: no level yet; Silver is $10.00 a month or 4 paid subscriptions away
`, `
  carl@cars.example   linked       1     0    0         0               $0.00      $0.00
  bob@bakery.example  sub account  0     1    0         0               $4.00      $4.00
  ann@apps.example    click        0     1    0         0               $4.00      $4.00
`,
		`
  Now, with $140.00 of monthly referral value: Silver, 30%; Gold is $360.00 a month away
`, `
  Total                                  $60.00
`, `
  Refused: 40.00 is ready; 100.00 is the least that is paid out; 60.00 is missing
`, `
  Now, with $620.00 of monthly referral value: Gold, 40%; the highest there is
`, `
  clawback: -$75.00 of a payment of $250.00
  clawback: -$100.00 of a payment of $250.00
  Jane's account: in review $48.00, ready $0.00, debt $167.00, paid $281.00; earned $162.00 in all
`, `
  2026-08-03    $111.00          -     $89.00    $281.00    $303.00
  2026-09-03    $111.00     $22.00          -    $281.00    $414.00
`, `
  2026-10-01    $103.00  schedule  paid
  2026-06-08    $281.00  request   paid
  2026-06-08    $281.00  request   failed  The bank account is closed
`, `
  80  2026-12-20 09:00  commission           $75.00    $111.00    $111.00          -          -    $606.00    $828.00
`,
	} {
		assert.Contains(t, out.String(), lines)
	}
}

func TestOutputIsTheSameEachTime(t *testing.T) {
	var first, second bytes.Buffer
	require.NoError(t, run(t.Context(), &first))
	require.NoError(t, run(t.Context(), &second))
	assert.Equal(t, first.String(), second.String())
}

func TestOutputThatFailsIsAnError(t *testing.T) {
	assert.ErrorIs(t, run(t.Context(), fullDisk{}), errDiskFull)
}

var errDiskFull = errors.New("the disk is full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errDiskFull }
