package stackbetest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
	"github.com/stackbe/stackbe-go/webhooks"
)

const day24 = 24 * time.Hour

// twoMonths plays two months of a program in a bubble: applications, clicks, subscriptions, a refund, a
// payout, a lost response, and a receiver that is down for an hour.
func twoMonths(t *testing.T) {
	ctx := t.Context()
	server := stackbetest.New(t)
	begin := server.Now()
	client, admin := server.Client(), server.AdminClient()

	verifier, err := webhooks.NewVerifier(secret, webhooks.WithClock(server.Now))
	require.NoError(t, err)
	var welcomed, paid atomic.Int64
	handler, err := webhooks.NewHandler(verifier,
		webhooks.OnApplicationApproved(func(context.Context, *webhooks.Event, webhooks.ApplicationApproved) error {
			welcomed.Add(1)
			return nil
		}),
		webhooks.OnPaymentSucceeded(func(context.Context, *webhooks.Event, webhooks.PaymentAttempted) error {
			paid.Add(1)
			return nil
		}))
	require.NoError(t, err)
	server.AddWebhook(stackbetest.WebhookParams{Secret: secret, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if server.Now().Sub(begin) < time.Hour {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		handler.ServeHTTP(w, r)
	})})

	// Five apply; the response to the first is lost, and the client retries.
	server.Fail(stackbetest.Fault{Path: "/v1/affiliate/apply", Times: 1, Drop: true, AfterCommit: true})
	for i := range 5 {
		email := fmt.Sprintf("partner-%d@acme.com", i)
		_, err := client.Affiliates.Apply(ctx, affiliates.ApplyParams{Email: email, Name: "Partner", IdempotencyKey: email})
		require.NoError(t, err)
	}
	waiting := admin.Affiliates.Applications(ctx, affiliates.ApplicationFilter{Status: affiliates.ApplicationPending})
	for application, err := range waiting {
		require.NoError(t, err)
		code := "CODE" + strings.TrimSuffix(strings.TrimPrefix(application.Email, "partner-"), "@acme.com")
		_, err = admin.Affiliates.Approve(ctx, application.ID, affiliates.ApproveParams{Code: code})
		require.NoError(t, err)
	}
	synctest.Wait()
	require.Zero(t, welcomed.Load(), "the receiver is down")

	// Each brings three customers by a click, a day after the other, who subscribe.
	for i := range 15 {
		time.Sleep(day24)
		click, err := client.Affiliates.TrackReferral(ctx, affiliates.TrackParams{Code: fmt.Sprintf("CODE%d", i%5)})
		require.NoError(t, err)
		customer := server.CreateCustomer(stackbetest.CustomerParams{Email: fmt.Sprintf("customer-%d@company.com", i), ClickID: click.ID})
		server.Subscribe(customer, affiliates.PlanEnterprise)
		if i == 0 {
			server.Refund(server.Invoices(customer)[0].ID, affiliates.MoneyFromCents(100_00))
		}
	}
	require.EqualValues(t, 5, welcomed.Load(), "the deliveries were retried")

	// The second month: renewals, the end of holding periods, and a payout.
	server.Advance(46 * day24)
	require.WithinDuration(t, begin.Add(61*day24), server.Now(), time.Minute, "the client has waited a moment")
	first := server.Affiliate("CODE0")
	partner := server.CustomerClient(first.CustomerID)
	payout, err := partner.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{})
	require.NoError(t, err)
	_, err = admin.Admin.Payouts.Process(ctx, payout.ID, affiliates.ProcessPayoutParams{})
	require.NoError(t, err)
	_, err = admin.Admin.Payouts.MarkPaid(ctx, payout.ID, affiliates.MarkPayoutPaidParams{})
	require.NoError(t, err)

	statement := server.Statement(first.ID)
	last := statement[len(statement)-1].Balances
	assert.Equal(t, "130.00", last.Paid.String(), "3 first months of 250, without the 100 that were refunded, at 20 %")
	for _, delivery := range server.Deliveries() {
		require.Equal(t, stackbetest.DeliveryDelivered, delivery.State)
	}
	assert.EqualValues(t, countPayments(server), paid.Load())
}

func countPayments(server *stackbetest.Server) (count int) {
	for _, delivery := range server.Deliveries() {
		if delivery.EventType == webhooks.EventPaymentSucceeded {
			count++
		}
	}
	return count
}

// BenchmarkTwoMonths plays in a test, since a bubble takes no benchmark.
func BenchmarkTwoMonths(b *testing.B) {
	var once sync.Once // for each -count, RunTests runs all that often
	play := func(t *testing.T) {
		once.Do(func() {
			for b.Loop() {
				synctest.Test(t, twoMonths)
			}
		})
	}
	everything := func(string, string) (bool, error) { return true, nil }
	if !testing.RunTests(everything, []testing.InternalTest{{Name: "TwoMonths", F: play}}) {
		b.Fatal("the play failed")
	}
}

// A bubble ends only when its goroutines have ended.
func TestManyProgramsLeaveNothingBehind(t *testing.T) {
	programs := 50
	if os.Getenv("CI") == "true" {
		programs = 500
	}
	synctest.Test(t, twoMonths) // what the first one initializes stays
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors(t)
	t.Run("parallel", func(t *testing.T) {
		for i := range programs {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				if bubblesMayRunInParallel() {
					t.Parallel()
				}
				synctest.Test(t, twoMonths)
			})
		}
	})
	waitForGoroutines(t, goroutines) // one that has told of its end may still be ending
	assert.LessOrEqual(t, openDescriptors(t), descriptors, "files and sockets")
}

// In Go 1.25.0 and 1.25.1, the runtime may crash where WaitGroups of two bubbles are used at the same
// time: golang.org/issue/75134.
func bubblesMayRunInParallel() bool {
	return runtime.Version() != "go1.25.0" && runtime.Version() != "go1.25.1"
}

// openDescriptors counts the open files and sockets, where the system says which there are.
func openDescriptors(t *testing.T) int {
	open, err := os.ReadDir("/proc/self/fd")
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	require.NoError(t, err)
	return len(open)
}
