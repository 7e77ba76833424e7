package affiliates_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

func TestRefusedValueIsNamedInDetails(t *testing.T) {
	s := newStory(t)
	userID := s.user("john@company.com", affiliates.PlanEnterprise)
	s.server.Advance(holdingPeriod)
	payout := s.payout()
	invoices, err := s.jane.Account.Invoices.List(t.Context(), affiliates.InvoiceFilter{Limit: 1})
	require.NoError(t, err)
	require.NotEmpty(t, invoices.Cursor)
	subscriptions, err := s.business.Admin.Subscriptions.List(t.Context(), affiliates.SubscriptionFilter{CustomerID: userID})
	require.NoError(t, err)
	subscriptionID := subscriptions.Data[0].ID
	account, admin, long := s.jane.Account, s.business.Admin, strings.Repeat("x", 1001)

	for name, test := range map[string]struct {
		field string
		call  func(context.Context) error
	}{
		"Account.Users.CreateSubAccount": {"name", func(ctx context.Context) error {
			_, err := account.Users.CreateSubAccount(ctx, affiliates.CreateSubAccountParams{Email: "mary@company.com", Name: long})
			return err
		}},
		"Account.Users.List with the cursor of another list": {"cursor", func(ctx context.Context) error {
			_, err := account.Users.List(ctx, affiliates.UserFilter{Cursor: invoices.Cursor})
			return err
		}},
		"Account.Commissions.List by status": {"status", func(ctx context.Context) error {
			_, err := account.Commissions.List(ctx, affiliates.CommissionFilter{Status: "lost"})
			return err
		}},
		"Account.Commissions.List by plan": {"plan", func(ctx context.Context) error {
			_, err := account.Commissions.List(ctx, affiliates.CommissionFilter{Plan: "gold"})
			return err
		}},
		"Account.Payouts.List": {"status", func(ctx context.Context) error {
			_, err := account.Payouts.List(ctx, affiliates.PayoutFilter{Status: "lost"})
			return err
		}},
		"Account.Payouts.SetSchedule": {"interval", func(ctx context.Context) error {
			_, err := account.Payouts.SetSchedule(ctx, affiliates.SetPayoutScheduleParams{Interval: "daily"})
			return err
		}},
		"Account.Deals.List": {"status", func(ctx context.Context) error {
			_, err := account.Deals.List(ctx, affiliates.DealFilter{Status: "lost"})
			return err
		}},
		"Account.Access.List": {"status", func(ctx context.Context) error {
			_, err := account.Access.List(ctx, affiliates.AccessFilter{Status: "lost"})
			return err
		}},
		"Admin.Customers.Create": {"name", func(ctx context.Context) error {
			_, err := admin.Customers.Create(ctx, affiliates.CreateCustomerParams{Email: "mary@company.com", Name: long})
			return err
		}},
		"Admin.Customers.Update": {"name", func(ctx context.Context) error {
			_, err := admin.Customers.Update(ctx, userID, affiliates.UpdateCustomerParams{Name: long})
			return err
		}},
		"Admin.Subscriptions.Create with a plan": {"plan", func(ctx context.Context) error {
			_, err := admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: userID, Plan: "gold"})
			return err
		}},
		"Admin.Subscriptions.Create with a billing": {"billing", func(ctx context.Context) error {
			_, err := admin.Subscriptions.Create(ctx, affiliates.CreateSubscriptionParams{CustomerID: userID, Plan: affiliates.PlanPro, Billing: "barter"})
			return err
		}},
		"Admin.Subscriptions.Update": {"status", func(ctx context.Context) error {
			_, err := admin.Subscriptions.Update(ctx, subscriptionID, affiliates.UpdateSubscriptionParams{Status: "lost"})
			return err
		}},
		"Admin.Invoices.Create": {"description", func(ctx context.Context) error {
			_, err := admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{CustomerID: userID, Amount: affiliates.MoneyFromCents(1), Description: long})
			return err
		}},
		"Admin.Invoices.AllRefunds with the cursor of another list": {"cursor", func(ctx context.Context) error {
			for _, err := range admin.Invoices.AllRefunds(ctx, invoices.Data[0].ID, affiliates.RefundFilter{Cursor: invoices.Cursor}) {
				return err
			}
			return nil
		}},
		"Admin.Payouts.List": {"status", func(ctx context.Context) error {
			_, err := admin.Payouts.List(ctx, affiliates.PayoutFilter{Status: "lost"})
			return err
		}},
		"Admin.Payouts.Fail": {"failureReason", func(ctx context.Context) error {
			_, err := admin.Payouts.Fail(ctx, payout.ID, affiliates.FailPayoutParams{Reason: long})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.call(t.Context())
			var refused *stackbe.Error
			require.ErrorAs(t, err, &refused)
			assert.ErrorIs(t, err, stackbe.ErrBadRequest)
			assert.Equal(t, stackbe.CodeValidationError, refused.Code)
			require.NotEmpty(t, refused.Details)
			assert.True(t, strings.HasPrefix(refused.Details[0], test.field+" "), refused.Details)
		})
	}
}
