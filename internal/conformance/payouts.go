package conformance

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var payoutCases = []testCase{
	{"a payout takes all that is ready, and is paid", contract, needKey | needAdmin | needChange | alone, aPayoutIsPaid},
	{"a payout below the minimum is refused, naming the shortfall", contract, needKey | needAdmin | needChange | alone, payoutsBelowTheMinimum},
	{"a partner has one open payout at a time", contract, needKey | needAdmin | needChange | alone, oneOpenPayout},
	{"a failed payout gives its money and its commissions back", contract, needKey | needAdmin | needChange | alone, aPayoutFails},
	{"a step that does not follow is refused", contract, needKey | needAdmin | needChange | alone, payoutStepsThatDoNotFollow},
	{"a reason belongs to a failure", contract, needKey | needAdmin | needChange | alone, reasonsOfFailure},
	{"payouts are listed by status, for the partner and for an admin", contract, needKey | needAdmin | needChange | alone, payoutsByStatus},
	{"a schedule is off, weekly or monthly", contract, needKey | needAdmin | needChange | alone, theSchedule},
	{"a schedule makes a payout when there is enough, and none before", contract, needKey | needAdmin | needControl | alone, automaticPayouts},
	{"no payout has the id schedule", contract, needKey | needAdmin, noPayoutIsCalledSchedule},
}

// earner is a partner with an amount that is ready. The suite has no holding period.
func (s *suite) earner(t *testing.T, ready int64) partner {
	t.Helper()
	partner := s.newPartner(t)
	s.earn(t, partner, ready)
	return partner
}

// earn makes an amount ready, by a user of its own.
func (s *suite) earn(t *testing.T, partner partner, ready int64) {
	t.Helper()
	s.charge(t, partner.addUser(t).ID, 5*ready)
}

func aPayoutIsPaid(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 60_00)
	s.earn(t, partner, 40_01)
	payout := partner.requestPayout(t)
	assert.EqualValues(t, 100_01, cents(payout.Amount))
	assert.Equal(t, affiliates.PayoutPending, payout.Status)
	assert.False(t, payout.Automatic)
	assert.Equal(t, 2, payout.Commissions)
	requireUTC(t, payout.Raw, "requestedAt")
	s.assertBalances(t, partner, balances{earned: 100_01, inPayout: 100_01})
	assert.Len(t, partner.commissions(t, affiliates.CommissionFilter{PayoutID: payout.ID, Status: affiliates.CommissionInPayout}), 2)

	processing := s.process(t, payout.ID)
	assert.Equal(t, affiliates.PayoutProcessing, processing.Status)
	assert.Equal(t, partner.ID, processing.AffiliateID)
	assert.Equal(t, partner.Code, processing.AffiliateCode)
	requireUTC(t, processing.Raw, "processingAt")
	paid := s.markPaid(t, payout.ID)
	assert.Equal(t, affiliates.PayoutPaid, paid.Status)
	requireUTC(t, paid.Raw, "paidAt")
	s.assertBalances(t, partner, balances{earned: 100_01, paid: 100_01})
	assert.Len(t, partner.commissions(t, affiliates.CommissionFilter{PayoutID: payout.ID, Status: affiliates.CommissionPaid}), 2)

	own, err := partner.client.Account.Payouts.Get(t.Context(), payout.ID)
	require.NoError(t, err)
	assert.Equal(t, affiliates.PayoutPaid, own.Status)
	recent := partner.dashboard(t).RecentPayouts
	require.Len(t, recent, 1)
	assert.JSONEq(t, string(own.Raw), string(recent[0].Raw))
}

func (s *suite) requirePayoutRefused(t *testing.T, partner partner, status error, code, says string) {
	t.Helper()
	_, err := partner.client.Account.Payouts.Request(t.Context(), affiliates.RequestPayoutParams{})
	s.requireErrorIs(t, err, status, code)
	assert.ErrorContains(t, err, says)
}

func payoutsBelowTheMinimum(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 12_50)
	for _, part := range []string{"12.50", "50.00", "37.50"} {
		s.requirePayoutRefused(t, partner, stackbe.ErrBadRequest, stackbe.CodePayoutBelowMinimum, part)
	}
	s.earn(t, partner, 37_49)
	s.requirePayoutRefused(t, partner, stackbe.ErrBadRequest, stackbe.CodePayoutBelowMinimum, "0.01")
	s.assertBalances(t, partner, balances{earned: 49_99, ready: 49_99})
	s.earn(t, partner, 1)
	assert.EqualValues(t, 50_00, cents(partner.requestPayout(t).Amount))

	none := affiliates.Money{}
	s.change(t, affiliates.UpdateSettingsParams{MinPayoutAmount: &none})
	s.requirePayoutRefused(t, s.newPartner(t), stackbe.ErrBadRequest, stackbe.CodePayoutBelowMinimum, "")
}

func oneOpenPayout(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 60_00)
	payout := partner.requestPayout(t)
	s.earn(t, partner, 60_00)
	s.requirePayoutRefused(t, partner, stackbe.ErrConflict, stackbe.CodePayoutOpen, "")
	s.process(t, payout.ID)
	s.requirePayoutRefused(t, partner, stackbe.ErrConflict, stackbe.CodePayoutOpen, "")
	s.markPaid(t, payout.ID)
	partner.requestPayout(t)
}

func aPayoutFails(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 60_00)
	first := partner.requestPayout(t)
	failed := s.fail(t, first.ID, "The account is closed")
	assert.Equal(t, affiliates.PayoutFailed, failed.Status)
	assert.Equal(t, "The account is closed", failed.FailureReason)
	requireUTC(t, failed.Raw, "failedAt")
	s.assertBalances(t, partner, balances{earned: 60_00, ready: 60_00})
	assert.Len(t, partner.commissions(t, affiliates.CommissionFilter{Status: affiliates.CommissionReady}), 1)

	second := partner.requestPayout(t)
	assert.NotEqual(t, first.ID, second.ID)
	assert.EqualValues(t, 60_00, cents(second.Amount))
	s.process(t, second.ID)
	s.fail(t, second.ID, "")
	s.assertBalances(t, partner, balances{earned: 60_00, ready: 60_00})
}

func payoutStepsThatDoNotFollow(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 60_00)
	payout := partner.requestPayout(t)
	refused := func(steps ...string) {
		t.Helper()
		for _, status := range steps {
			got := s.movePayout(t, payout.ID, map[string]any{"status": status})
			s.requireRefused(t, http.StatusConflict, stackbe.CodePayoutStatus, got)
		}
	}
	refused("paid")
	s.process(t, payout.ID)
	refused("processing")
	s.markPaid(t, payout.ID)
	refused("processing", "paid", "failed")
	s.assertBalances(t, partner, balances{earned: 60_00, paid: 60_00})

	s.earn(t, partner, 60_00)
	payout = partner.requestPayout(t)
	s.fail(t, payout.ID, "")
	refused("processing", "paid", "failed")
}

func (s *suite) movePayout(t *testing.T, payoutID string, body map[string]any) response {
	t.Helper()
	path := fill(appPath, s.target.AppID, "") + "/affiliates/payouts/" + payoutID + "/status"
	return s.send(t, request{method: http.MethodPost, path: path, credential: s.asAdmin(s.target.AdminToken), body: encode(t, body)})
}

func reasonsOfFailure(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	payout := s.earner(t, 60_00).requestPayout(t)
	for status, reason := range map[string]string{"processing": "no", "paid": "no", "failed": strings.Repeat("n", 1001)} {
		got := s.movePayout(t, payout.ID, map[string]any{"status": status, "failureReason": reason})
		s.requireProblems(t, stackbe.CodeValidationError, got, "failureReason")
	}
	s.requireProblems(t, stackbe.CodeMissingRequiredField, s.movePayout(t, payout.ID, map[string]any{}), "status")
	s.requireProblems(t, stackbe.CodeValidationError, s.movePayout(t, payout.ID, map[string]any{"status": "pending"}), "status")
	requireStatus(t, http.StatusOK, s.movePayout(t, payout.ID, map[string]any{"status": "failed", "failureReason": strings.Repeat("ä", 1000)}))
}

func payoutsByStatus(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 60_00)
	failed := partner.requestPayout(t)
	s.fail(t, failed.ID, "")
	pending := partner.requestPayout(t)
	for status, want := range map[affiliates.PayoutStatus]string{affiliates.PayoutFailed: failed.ID, affiliates.PayoutPending: pending.ID} {
		filter := affiliates.PayoutFilter{Status: status, Limit: 1}
		own, err := partner.client.Account.Payouts.List(t.Context(), filter)
		require.NoError(t, err)
		all, err := s.admin.Admin.Payouts.List(t.Context(), filter)
		require.NoError(t, err)
		require.Len(t, own.Data, 1)
		require.Len(t, all.Data, 1)
		assert.Equal(t, want, own.Data[0].ID)
		assert.Equal(t, want, all.Data[0].ID)
		assert.Empty(t, own.Data[0].AffiliateID)
		assert.Equal(t, partner.ID, all.Data[0].AffiliateID)
	}
	paid, err := partner.client.Account.Payouts.List(t.Context(), affiliates.PayoutFilter{Status: affiliates.PayoutPaid})
	require.NoError(t, err)
	assert.Empty(t, paid.Data)
}

func (p partner) schedule(t *testing.T, interval affiliates.PayoutInterval) *affiliates.PayoutSchedule {
	t.Helper()
	schedule, err := p.client.Account.Payouts.SetSchedule(t.Context(), affiliates.SetPayoutScheduleParams{Interval: interval})
	require.NoError(t, err)
	return schedule
}

func theSchedule(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	read := func() *affiliates.PayoutSchedule {
		schedule, err := partner.client.Account.Payouts.Schedule(t.Context())
		require.NoError(t, err)
		return schedule
	}
	assert.JSONEq(t, `{"interval": "off"}`, string(read().Raw))
	now := s.now(t)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	monday := midnight.AddDate(0, 0, 1+(int(time.Monday)-int(midnight.Weekday())+6)%7)
	for interval, next := range map[affiliates.PayoutInterval]time.Time{
		affiliates.PayoutIntervalWeekly:  monday,
		affiliates.PayoutIntervalMonthly: time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC),
	} {
		set := partner.schedule(t, interval)
		assert.Equal(t, interval, set.Interval)
		assert.Equal(t, next, set.NextAt.UTC())
		assert.JSONEq(t, string(set.Raw), string(read().Raw))
	}
	partner.schedule(t, affiliates.PayoutIntervalOff)
	assert.JSONEq(t, `{"interval": "off"}`, string(read().Raw))
	for body, code := range map[string]string{`{"interval": "daily"}`: stackbe.CodeValidationError, `{}`: stackbe.CodeMissingRequiredField} {
		got := s.send(t, request{method: http.MethodPatch, path: accountPath + "/payouts/schedule", credential: s.asSession(partner.token), body: body})
		s.requireProblems(t, code, got, "interval")
	}
}

func automaticPayouts(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.earner(t, 49_99)
	next := partner.schedule(t, affiliates.PayoutIntervalWeekly).NextAt
	s.target.Control.Advance(7 * day)
	s.assertBalances(t, partner, balances{earned: 49_99, ready: 49_99})

	s.earn(t, partner, 1)
	s.target.Control.Advance(7 * day)
	s.assertBalances(t, partner, balances{earned: 50_00, inPayout: 50_00})
	page, err := partner.client.Account.Payouts.List(t.Context(), affiliates.PayoutFilter{})
	require.NoError(t, err)
	require.Len(t, page.Data, 1)
	assert.True(t, page.Data[0].Automatic)
	assert.Equal(t, next.AddDate(0, 0, 7), page.Data[0].RequestedAt)

	s.earn(t, partner, 60_00)
	s.target.Control.Advance(7 * day) // one is open
	s.assertBalances(t, partner, balances{earned: 110_00, ready: 60_00, inPayout: 50_00})
}

func noPayoutIsCalledSchedule(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	assertExactly(t, s.ok(t, s.get(accountPath+"/payouts/schedule", s.asSession(partner.token))), "interval")
	_, err := partner.client.Account.Payouts.Get(t.Context(), "schedule")
	assert.ErrorIs(t, err, stackbe.ErrInvalidArgument)
}
