package page

import "github.com/stackbe/stackbe-go/internal/refserver/program"

// PayoutBadge is the status of a payout.
func PayoutBadge(status program.PayoutStatus) Badge {
	return map[program.PayoutStatus]Badge{
		program.PayoutPending:    {Text: "Pending", Tone: Wait},
		program.PayoutProcessing: {Text: "Processing", Tone: Note},
		program.PayoutPaid:       {Text: "Paid", Tone: Good},
		program.PayoutFailed:     {Text: "Failed", Tone: Bad},
	}[status]
}

// InvoiceBadge is the status of an invoice.
func InvoiceBadge(status program.InvoiceStatus) Badge {
	return map[program.InvoiceStatus]Badge{
		program.InvoicePaid:              {Text: "Paid", Tone: Good},
		program.InvoicePartiallyRefunded: {Text: "Partially refunded", Tone: Note},
		program.InvoiceRefunded:          {Text: "Refunded"},
		program.InvoiceFailed:            {Text: "Failed", Tone: Bad},
	}[status]
}
