package program_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestRefunds(t *testing.T) {
	t.Run("within the holding period the commission is the rate of the rest of the payment", func(t *testing.T) {
		s := newShop(t)
		invoice := s.pay(t, 10_05) // 2.01
		s.refund(t, invoice, 3)    // 2.004
		s.refund(t, invoice, 5)    // 1.994
		statuses, amounts := s.commissions(t)
		assert.Equal(t, []program.CommissionStatus{program.StatusInReview}, statuses)
		assert.Equal(t, []program.Cents{1_99}, amounts)
		assert.Equal(t, program.Balances{Earned: 1_99, InReview: 1_99}, s.balances(t))
		s.refund(t, invoice, 9_97)
		statuses, amounts = s.commissions(t)
		assert.Equal(t, []program.CommissionStatus{program.StatusVoided}, statuses)
		assert.Equal(t, []program.Cents{0}, amounts)
		s.clock.Advance(40 * day)
		assert.Equal(t, program.Balances{}, s.balances(t), "what is voided does not become ready")
		assert.Equal(t, program.InvoiceRefunded, s.invoices(t)[0].Status)
	})

	t.Run("at the instant of maturity a refund is a clawback", func(t *testing.T) {
		for name, c := range map[string]struct {
			at     time.Duration
			kind   program.EntryKind
			status []program.CommissionStatus
		}{
			"a nanosecond before": {30*day - 1, program.EntryReduction, []program.CommissionStatus{program.StatusInReview}},
			"at it":               {30 * day, program.EntryClawback, []program.CommissionStatus{program.StatusClawback, program.StatusReady}},
		} {
			s := newShop(t)
			invoice := s.pay(t, 100_00)
			s.clock.Advance(c.at)
			s.refund(t, invoice, 25_00)
			statuses, _ := s.commissions(t)
			assert.Equal(t, c.status, statuses, name)
			assert.Equal(t, c.kind, s.statement(t)[0].Kind, name)
			assert.EqualValues(t, 15_00, s.balances(t).Earned, name)
		}
	})

	t.Run("a payout never changes, and the debt is paid off first", func(t *testing.T) {
		s := newShop(t)
		invoice := s.pay(t, 500_00)
		s.clock.Advance(30 * day)
		payout := s.payout(t)
		s.move(t, payout, program.PayoutProcessing)
		s.move(t, payout, program.PayoutPaid)
		_, err := s.RefundInvoice(invoice, nil)
		require.NoError(t, err)
		assert.Equal(t, program.Balances{Debt: 100_00, Paid: 100_00}, s.balances(t))
		statuses, amounts := s.commissions(t)
		assert.Equal(t, []program.CommissionStatus{program.StatusClawback, program.StatusPaid}, statuses)
		assert.Equal(t, []program.Cents{-100_00, 100_00}, amounts)

		s.pay(t, 300_00)
		assert.Equal(t, program.Balances{Earned: 60_00, InReview: 60_00, Debt: 100_00, Paid: 100_00}, s.balances(t))
		s.clock.Advance(30 * day)
		assert.Equal(t, program.Balances{Earned: 60_00, Debt: 40_00, Paid: 100_00}, s.balances(t))
		_, err = s.RequestPayout(s.partner)
		requireShort(t, err, program.ErrorCodePayoutBelowMinimum, "0.00 is ready and 40.00 is owed; 50.00 is the least that is paid out; 90.00 is missing")
		s.pay(t, 450_00)
		s.clock.Advance(30 * day)
		second := s.payout(t)
		assert.EqualValues(t, 50_00, second.Amount)
		assert.Equal(t, 3, second.Commissions, "the clawback and two commissions")
	})

	t.Run("more than is paid is refused", func(t *testing.T) {
		s := newShop(t)
		invoice := s.pay(t, 10_00)
		_, err := s.RefundInvoice(invoice, ptr(program.Cents(10_01)))
		requireShort(t, err, program.ErrorCodeRefundExceedsPayment, "10.00 of this payment of 10.00 is left to refund")
		s.refund(t, invoice, 9_99)
		_, err = s.RefundInvoice(invoice, ptr(program.Cents(2)))
		requireShort(t, err, program.ErrorCodeRefundExceedsPayment, "0.01 of this payment of 10.00 is left to refund")
		rest, err := s.RefundInvoice(invoice, nil)
		require.NoError(t, err)
		assert.EqualValues(t, 1, rest.Refund.Amount)
		_, err = s.RefundInvoice(invoice, nil)
		requireShort(t, err, program.ErrorCodeRefundExceedsPayment, "0.00 of this payment of 10.00 is left to refund")
	})

	t.Run("an invoice without a commission is refunded as well", func(t *testing.T) {
		s := newShop(t)
		invoice := s.pay(t, 1)
		s.refund(t, invoice, 1)
		assert.Empty(t, s.statement(t))
	})
}

func requireShort(t require.TestingT, err error, code program.ErrorCode, message string) {
	var short *program.Unprocessable
	require.ErrorAs(t, err, &short)
	require.Equal(t, code, short.Code)
	require.Equal(t, message, short.Message)
}

func TestRefundsInAnySplitAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t)
		rate := program.BasisPoints(rapid.IntRange(1, 10000).Draw(t, "rate"))
		s.settings(t, program.SettingsChange{DefaultCommissionRate: &rate})
		left := program.Cents(rapid.Int64Range(1, 1_000_000).Draw(t, "amount"))
		invoice := s.pay(t, left)
		for left > 0 {
			if rapid.IntRange(0, 3).Draw(t, "wait") == 0 {
				s.clock.Advance(15 * day)
			}
			back := program.Cents(rapid.Int64Range(1, int64(left)).Draw(t, "back"))
			s.refund(t, invoice, back)
			left -= back
			require.Equal(t, halfUp(left, rate), s.balances(t).Earned, "what is left is the rate of what is left")
		}
		_, amounts := s.commissions(t)
		sum := program.Cents(0)
		for _, amount := range amounts {
			sum += amount
		}
		require.Zero(t, sum)
	})
}

func TestReceiptListsTheNewest100Refunds(t *testing.T) {
	s := newShop(t)
	s.refund(t, s.pay(t, 10_00), 1) // another invoice's
	invoice := s.pay(t, 10_00)
	for cents := range program.Cents(10) {
		s.refund(t, invoice, cents+1)
	}
	receipt, err := s.Receipt(s.partner, invoice)
	require.NoError(t, err)
	assert.Equal(t, 10, receipt.RefundCount)
	assert.Len(t, receipt.Refunds, 10)
	assert.Zero(t, receipt.Earlier())
	for range 95 {
		s.refund(t, invoice, 2)
	}
	receipt, err = s.Receipt(s.partner, invoice)
	require.NoError(t, err)
	assert.Equal(t, 105, receipt.RefundCount)
	require.Len(t, receipt.Refunds, 100)
	assert.EqualValues(t, 6, receipt.Refunds[0].Amount, "oldest first")
	assert.EqualValues(t, 2, receipt.Refunds[99].Amount)
	assert.EqualValues(t, 1+2+3+4+5, receipt.Earlier())
	assert.EqualValues(t, 10_00-55-190, receipt.Total(), "all refunds are subtracted")
	all, err := s.UserRefunds(s.partner, invoice, program.PageQuery{Limit: 1_000})
	require.NoError(t, err)
	require.Len(t, all.Rows, 105)
	assert.EqualValues(t, 1, all.Rows[104].Amount)
}
