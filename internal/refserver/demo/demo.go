// Package demo plays a year of a partner program, so that there is something to look at: partners of
// every level, users with containers of every plan, refunds, payouts in every status. The commands of
// the program play it, so its figures add up.
package demo

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A Partner is the partner with the richest history.
type Partner struct {
	AffiliateID string
	CustomerID  string
	Email       string
	Code        string
}

// Play plays the year that ends now, by the server's clock, in an empty app. The same seed and clock
// give the same history. It returns [refserver.ErrNotEmpty] for an app that has records.
func Play(server *refserver.Server, appID string) (Partner, error) {
	now := server.Now().UTC().Round(0)
	var partner Partner
	err := server.Play(appID, func(p *program.Program, set func(time.Time)) error {
		y := &year{Program: p, now: now, set: set, customers: map[string]string{}}
		y.settings()
		jane := y.jane()
		y.others()
		y.waiting()
		y.play()
		partner = jane.Partner
		return y.err
	})
	return partner, err
}
