package affiliates_test

import (
	"encoding/json"

	"github.com/stackbe/stackbe-go/affiliates"
)

// What the server sends of the partner account, each object with a field that the SDK does not know.
const (
	userJSON = `{"id":"cust_9","email":"john@company.com","name":"John Smith","source":"referral_code",
		"createdAt":"2026-03-01T10:00:00Z","attributedAt":"2026-03-01T10:00:01.5Z","access":"granted",
		"subscriptions":{"free":1,"pro":2,"business":3,"enterprise":4},"limitExceeded":5,"errors":6,
		"monthlyValue":12.34,"earned":99.5,"color":"green"}`

	subscriptionJSON = `{"id":"sub_1","customerId":"cust_9","plan":"pro","name":"Shop","status":"limit_exceeded",
		"billing":"consolidated","monthlyPrice":20,"currentPeriodStart":"2026-03-01T10:00:00Z",
		"currentPeriodEnd":"2026-04-01T10:00:00Z","createdAt":"2026-01-01T10:00:00Z","canceledAt":"2026-03-05T10:00:00Z",
		"pausedAt":"2026-03-04T10:00:00Z","paymentMethod":"declined","commissionRate":12.5,"monthlyCommission":2.5,"color":"green"}`

	invoiceJSON = `{"id":"inv_1","number":"INV-000001","customerId":"cust_9","userEmail":"john@company.com",
		"subscriptionId":"sub_1","plan":"pro","billing":"individual","description":"Pro, a month","amount":20,"refunded":5.25,
		"status":"partially_refunded","periodStart":"2026-03-01T10:00:00Z","periodEnd":"2026-04-01T10:00:00Z",
		"createdAt":"2026-03-01T10:00:00Z","paidAt":"2026-03-01T10:00:02Z","color":"green"}`

	refundJSON = `{"id":"ref_1","invoiceId":"inv_1","amount":5.25,"createdAt":"2026-03-06T10:00:00Z","color":"green"}`

	receiptJSON = `{"number":"INV-000001","invoice":` + invoiceJSON + `,"customer":{"id":"cust_9","email":"john@company.com","name":"John Smith"},
		"lines":[{"description":"Pro, a month","amount":20}],"refunds":[` + refundJSON + `],"refundCount":7,"total":14.75,"color":"green"}`

	commissionJSON = `{"id":"com_1","userId":"cust_9","userEmail":"john@company.com","subscriptionId":"sub_1","invoiceId":"inv_1",
		"plan":"pro","payment":20,"rate":20,"amount":-2.95,"status":"clawback","createdAt":"2026-03-01T10:00:02Z",
		"readyAt":"2026-03-31T10:00:02Z","payoutId":"pay_1","reverses":"com_0","color":"green"}`

	summaryJSON = `{"monthlyValue":4,"monthlyReferralValue":20,"inReview":1.01,"ready":2.02,"debt":3.03,"inPayout":4.04,"paid":5.05,
		"totalEarned":9.09,"subscriptions":{"free":1,"pro":2,"business":3,"enterprise":4},"color":"green"}`

	earningsJSON = `{"subscriptionId":"sub_1","name":"Shop","userId":"cust_9","userEmail":"john@company.com","plan":"pro","status":"active",
		"billing":"individual","monthlyPrice":20,"commissionRate":20,"monthlyCommission":4,"earned":12,"color":"green"}`

	payoutJSON = `{"id":"pay_1","amount":80.25,"status":"failed","automatic":true,"requestedAt":"2026-04-01T00:00:00Z",
		"processingAt":"2026-04-02T00:00:00Z","paidAt":"2026-04-03T00:00:00Z","failedAt":"2026-04-04T00:00:00Z",
		"failureReason":"The account is closed","commissions":7,"affiliateId":"cmaff1","affiliateCode":"JANE20","color":"green"}`

	scheduleJSON = `{"interval":"monthly","nextAt":"2026-05-01T00:00:00Z","color":"green"}`

	entryJSON = `{"id":"ent_1","sequence":42,"kind":"clawback","amount":2.95,"from":"ready","to":"outside",
		"cause":{"type":"refund","id":"ref_1"},"createdAt":"2026-03-06T10:00:00Z",
		"balances":{"earned":1.01,"inReview":2.02,"ready":3.03,"debt":4.04,"inPayout":5.05,"paid":6.06},"color":"green"}`

	infoJSON = `{"affiliate":` + affiliateJSON + `,"name":"Jane Smith","email":"jane@acme.com","referralLink":"https://yoursite.com?ref=JANE20",
		"level":{"name":"Silver","commissionRate":30,"minPaidSubscriptions":3,"minMonthlyValue":25},
		"nextLevel":{"name":"Gold","commissionRate":40,"minPaidSubscriptions":6,"minMonthlyValue":50,"missingPaidSubscriptions":2,"missingMonthlyValue":12.5},
		"paidSubscriptions":4,"monthlyReferralValue":37.5,"minPayoutAmount":50,"color":"green"}`

	badgeJSON = `{"svg":"<svg/>","html":"<a href=\"https://yoursite.com?ref=JANE20\"></a>","color":"green"}`

	accessJSON = `{"id":"acc_1","affiliateId":"cmaff1","affiliateName":"Jane Smith","affiliateEmail":"jane@acme.com","userId":"cust_9",
		"userEmail":"john@company.com","status":"granted","requestedAt":"2026-03-01T10:00:00Z","decidedAt":"2026-03-02T10:00:00Z","color":"green"}`

	loginJSON = `{"url":"https://portal.stackbe.io/portal/login_1","expiresAt":"2026-03-01T10:10:00Z","color":"green"}`

	partnerJSON = `{"enrolled":true,"id":"cmaff1","customerId":"cust_123","code":"JANE20","type":"partner",
		"status":"active","commissionRate":20,"totalEarned":120.5,"pendingBalance":80.25,"createdAt":"2026-03-01T10:00:00Z",
		"name":"Jane Smith","email":"jane@acme.com","customers":3,"subscriptions":4,
		"balances":{"earned":1.01,"inReview":2.02,"ready":3.03,"debt":4.04,"inPayout":5.05,"paid":6.06},"color":"green"}`

	customerJSON = `{"id":"cust_9","email":"john@company.com","name":"John Smith","affiliateId":"cmaff1","createdAt":"2026-03-01T10:00:00Z","color":"green"}`

	customerSessionJSON = `{"customerId":"cust_9","sessionToken":"session_of_john","expiresAt":"2026-06-01T10:00:00Z","color":"green"}`

	refundResultJSON = `{"refund":` + refundJSON + `,"invoice":` + invoiceJSON + `,"color":"green"}`
)

var (
	wantPlans    = affiliates.PlanCounts{Free: 1, Pro: 2, Business: 3, Enterprise: 4}
	wantBalances = affiliates.Balances{
		Earned: money("1.01"), InReview: money("2.02"), Ready: money("3.03"), Debt: money("4.04"), InPayout: money("5.05"), Paid: money("6.06"),
	}
	wantUser = affiliates.User{
		ID: "cust_9", Email: "john@company.com", Name: "John Smith", Source: affiliates.UserSourceReferralCode,
		CreatedAt: at("2026-03-01T10:00:00Z"), AttributedAt: at("2026-03-01T10:00:01.5Z"), Access: affiliates.AccessGranted,
		Subscriptions: wantPlans, LimitExceeded: 5, Errors: 6, MonthlyValue: money("12.34"), Earned: money("99.5"),
		Raw: json.RawMessage(userJSON),
	}
	wantSubscription = affiliates.Subscription{
		ID: "sub_1", CustomerID: "cust_9", Plan: affiliates.PlanPro, Name: "Shop", Status: affiliates.SubscriptionLimitExceeded,
		Billing: affiliates.BillingConsolidated, MonthlyPrice: money("20"), CurrentPeriodStart: at("2026-03-01T10:00:00Z"),
		CurrentPeriodEnd: at("2026-04-01T10:00:00Z"), CreatedAt: at("2026-01-01T10:00:00Z"), CanceledAt: at("2026-03-05T10:00:00Z"),
		PausedAt: at("2026-03-04T10:00:00Z"), PaymentMethod: affiliates.PaymentMethodDeclined, CommissionRate: percent("12.5"),
		MonthlyCommission: money("2.5"), Raw: json.RawMessage(subscriptionJSON),
	}
	wantInvoice = affiliates.Invoice{
		ID: "inv_1", Number: "INV-000001", CustomerID: "cust_9", UserEmail: "john@company.com", SubscriptionID: "sub_1",
		Plan: affiliates.PlanPro, Billing: affiliates.BillingIndividual, Description: "Pro, a month", Amount: money("20"),
		Refunded: money("5.25"), Status: affiliates.InvoicePartiallyRefunded, PeriodStart: at("2026-03-01T10:00:00Z"),
		PeriodEnd: at("2026-04-01T10:00:00Z"), CreatedAt: at("2026-03-01T10:00:00Z"), PaidAt: at("2026-03-01T10:00:02Z"),
		Raw: json.RawMessage(invoiceJSON),
	}
	wantRefund = affiliates.Refund{
		ID: "ref_1", InvoiceID: "inv_1", Amount: money("5.25"), CreatedAt: at("2026-03-06T10:00:00Z"), Raw: json.RawMessage(refundJSON),
	}
	wantReceipt = affiliates.Receipt{
		Number: "INV-000001", Invoice: wantInvoice,
		Customer: affiliates.ReceiptCustomer{ID: "cust_9", Email: "john@company.com", Name: "John Smith"},
		Lines:    []affiliates.ReceiptLine{{Description: "Pro, a month", Amount: money("20")}},
		Refunds:  []affiliates.Refund{wantRefund}, RefundCount: 7, Total: money("14.75"), Raw: json.RawMessage(receiptJSON),
	}
	wantCommission = affiliates.Commission{
		ID: "com_1", UserID: "cust_9", UserEmail: "john@company.com", SubscriptionID: "sub_1", InvoiceID: "inv_1",
		Plan: affiliates.PlanPro, Payment: money("20"), Rate: percent("20"), Amount: money("-2.95"), Status: affiliates.CommissionClawback,
		CreatedAt: at("2026-03-01T10:00:02Z"), ReadyAt: at("2026-03-31T10:00:02Z"), PayoutID: "pay_1", Reverses: "com_0",
		Raw: json.RawMessage(commissionJSON),
	}
	wantSummary = affiliates.CommissionSummary{
		MonthlyValue: money("4"), MonthlyReferralValue: money("20"), InReview: money("1.01"), Ready: money("2.02"), Debt: money("3.03"),
		InPayout: money("4.04"), Paid: money("5.05"), TotalEarned: money("9.09"), Subscriptions: wantPlans, Raw: json.RawMessage(summaryJSON),
	}
	wantEarnings = affiliates.SubscriptionEarnings{
		SubscriptionID: "sub_1", Name: "Shop", UserID: "cust_9", UserEmail: "john@company.com", Plan: affiliates.PlanPro, Status: affiliates.SubscriptionActive,
		Billing: affiliates.BillingIndividual, MonthlyPrice: money("20"), CommissionRate: percent("20"), MonthlyCommission: money("4"),
		Earned: money("12"), Raw: json.RawMessage(earningsJSON),
	}
	wantPayout = affiliates.Payout{
		ID: "pay_1", Amount: money("80.25"), Status: affiliates.PayoutFailed, Automatic: true, RequestedAt: at("2026-04-01T00:00:00Z"),
		ProcessingAt: at("2026-04-02T00:00:00Z"), PaidAt: at("2026-04-03T00:00:00Z"), FailedAt: at("2026-04-04T00:00:00Z"),
		FailureReason: "The account is closed", Commissions: 7, AffiliateID: "cmaff1", AffiliateCode: "JANE20", Raw: json.RawMessage(payoutJSON),
	}
	wantSchedule = affiliates.PayoutSchedule{
		Interval: affiliates.PayoutIntervalMonthly, NextAt: at("2026-05-01T00:00:00Z"), Raw: json.RawMessage(scheduleJSON),
	}
	wantEntry = affiliates.Entry{
		ID: "ent_1", Sequence: 42, Kind: affiliates.EntryClawback, Amount: money("2.95"), From: affiliates.PlaceReady, To: affiliates.PlaceOutside,
		Cause: affiliates.Cause{Type: affiliates.CauseRefund, ID: "ref_1"}, CreatedAt: at("2026-03-06T10:00:00Z"), Balances: wantBalances,
		Raw: json.RawMessage(entryJSON),
	}
	wantInfo = affiliates.Info{
		Affiliate: wantAffiliate, Name: "Jane Smith", Email: "jane@acme.com", ReferralLink: "https://yoursite.com?ref=JANE20",
		Level: affiliates.Level{Name: "Silver", CommissionRate: percent("30"), MinPaidSubscriptions: 3, MinMonthlyValue: money("25")},
		NextLevel: affiliates.NextLevel{
			Name: "Gold", CommissionRate: percent("40"), MinPaidSubscriptions: 6, MinMonthlyValue: money("50"),
			MissingPaidSubscriptions: 2, MissingMonthlyValue: money("12.5"),
		},
		PaidSubscriptions: 4, MonthlyReferralValue: money("37.5"), MinPayoutAmount: money("50"), Raw: json.RawMessage(infoJSON),
	}
	wantBadge = affiliates.Badge{
		SVG: "<svg/>", HTML: `<a href="https://yoursite.com?ref=JANE20"></a>`, Raw: json.RawMessage(badgeJSON),
	}
	wantAccess = affiliates.Access{
		ID: "acc_1", AffiliateID: "cmaff1", AffiliateName: "Jane Smith", AffiliateEmail: "jane@acme.com", UserID: "cust_9",
		UserEmail: "john@company.com", Status: affiliates.AccessGranted, RequestedAt: at("2026-03-01T10:00:00Z"),
		DecidedAt: at("2026-03-02T10:00:00Z"), Raw: json.RawMessage(accessJSON),
	}
	wantLogin = affiliates.LoginLink{
		URL: "https://portal.stackbe.io/portal/login_1", ExpiresAt: at("2026-03-01T10:10:00Z"), Raw: json.RawMessage(loginJSON),
	}
	wantPartner = affiliates.Partner{
		Affiliate: affiliates.Affiliate{
			Enrolled: true, ID: "cmaff1", CustomerID: "cust_123", Code: "JANE20", Type: affiliates.AffiliateTypePartner,
			Status: affiliates.AffiliateActive, CommissionRate: percent("20"), TotalEarned: money("120.5"), PendingBalance: money("80.25"),
			CreatedAt: at("2026-03-01T10:00:00Z"), Raw: json.RawMessage(partnerJSON),
		},
		Name: "Jane Smith", Email: "jane@acme.com", Balances: wantBalances, Customers: 3, Subscriptions: 4,
	}
	wantCustomer = affiliates.Customer{
		ID: "cust_9", Email: "john@company.com", Name: "John Smith", AffiliateID: "cmaff1", CreatedAt: at("2026-03-01T10:00:00Z"),
		Raw: json.RawMessage(customerJSON),
	}
	wantCustomerSession = affiliates.CustomerSession{
		CustomerID: "cust_9", SessionToken: "session_of_john", ExpiresAt: at("2026-06-01T10:00:00Z"), Raw: json.RawMessage(customerSessionJSON),
	}
	wantRefundResult = affiliates.RefundResult{Refund: wantRefund, Invoice: wantInvoice, Raw: json.RawMessage(refundResultJSON)}
)

// pageOf is a page of one element, and the JSON of the one.
func pageOf(element string) string {
	return `{"data":[` + element + `],"pagination":{"cursor":"c2","hasMore":true},"total":9}`
}

// wantPage is what [pageOf] is read as.
func wantPage[T any](element T, text string) *affiliates.Page[T] {
	return &affiliates.Page[T]{Data: []T{element}, Cursor: "c2", HasMore: true, Raw: json.RawMessage(pageOf(text))}
}
