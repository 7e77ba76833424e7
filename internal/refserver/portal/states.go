package portal

import (
	"html/template"
	"net/url"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// functions are what the templates of the portal can call.
func functions() template.FuncMap {
	return template.FuncMap{
		"segment":         url.PathEscape,
		"query":           url.QueryEscape,
		"commissionBadge": commissionBadge,
		"invoiceBadge":    page.InvoiceBadge,
		"payoutBadge":     page.PayoutBadge,
		"containerBadge":  containerBadge,
		"accessBadge":     accessBadge,
		"dealBadge":       dealBadge,
		"source":          func(source program.Source) string { return sources[source] },
		"plan":            planName,
		"containers":      countPlans,
		"entryKind":       func(kind program.EntryKind) string { return entryKinds[kind] },
		"place":           func(place string) string { return places[place] },
		"minus":           func(amount program.Cents) program.Cents { return -amount },
		"causePath":       causePath,
	}
}

func planName(id program.PlanID) string {
	if id == "" {
		return "—"
	}
	return id.Name()
}

func countPlans(counts program.PlanCounts) int {
	return counts.Free + counts.Pro + counts.Business + counts.Enterprise
}

func commissionBadge(status program.CommissionStatus) page.Badge {
	return map[program.CommissionStatus]page.Badge{
		program.StatusInReview: {Text: "In review", Tone: page.Wait},
		program.StatusReady:    {Text: "Ready", Tone: page.Good},
		program.StatusInPayout: {Text: "In a payout", Tone: page.Note},
		program.StatusPaid:     {Text: "Paid", Tone: page.Good},
		program.StatusVoided:   {Text: "Voided"},
		program.StatusClawback: {Text: "Clawback", Tone: page.Bad},
	}[status]
}

func containerBadge(container program.EarningSubscription) page.Badge {
	if container.Status != program.SubscriptionCanceled && !container.PausedAt.IsZero() {
		return page.Badge{Text: "Paused"}
	}
	return map[program.SubscriptionStatus]page.Badge{
		program.SubscriptionActive:        {Text: "Active", Tone: page.Good},
		program.SubscriptionLimitExceeded: {Text: "Limit exceeded", Tone: page.Wait},
		program.SubscriptionError:         {Text: "Error", Tone: page.Bad},
		program.SubscriptionCanceled:      {Text: "Canceled"},
	}[container.Status]
}

func accessBadge(status program.AccessStatus) page.Badge {
	return map[program.AccessStatus]page.Badge{
		program.AccessNone:      {Text: "No access"},
		program.AccessRequested: {Text: "Requested", Tone: page.Wait},
		program.AccessGranted:   {Text: "Granted", Tone: page.Good},
		program.AccessDeclined:  {Text: "Declined", Tone: page.Bad},
		program.AccessWithdrawn: {Text: "Withdrawn"},
	}[status]
}

func dealBadge(status program.DealStatus) page.Badge {
	if status == program.Won {
		return page.Badge{Text: "Won", Tone: page.Good}
	}
	return page.Badge{Text: "Registered", Tone: page.Note}
}

var sources = map[program.Source]string{
	program.SourceReferralCode: "Referral code",
	program.SourceClick:        "Referral link",
	program.SourceDeal:         "Deal",
	program.SourceSubAccount:   "Sub account",
	program.SourceLinked:       "Added by you",
}

var entryKinds = map[program.EntryKind]string{
	program.EntryCommission:      "Commission",
	program.EntryMatured:         "Commission ready",
	program.EntryReduction:       "Refund in review",
	program.EntryClawback:        "Clawback",
	program.EntryPayoutRequested: "Payout requested",
	program.EntryPayoutPaid:      "Payout paid",
	program.EntryPayoutFailed:    "Payout failed",
}

var places = map[string]string{
	"outside": "Outside", "in_review": "In review", "ready": "Ready", "in_payout": "In a payout", "paid": "Paid",
}

// causePath is the page of what caused an entry; empty if there is none.
func causePath(line program.StatementLine) string {
	switch line.CauseType {
	case "invoice":
		return invoicesPath + "/" + url.PathEscape(line.Cause)
	case "payout":
		return payoutsPath + "/" + url.PathEscape(line.Cause)
	default:
		return ""
	}
}
