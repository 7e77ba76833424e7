package portal

import (
	"encoding/base64"
	"html/template"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/badge"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type infoView struct {
	program.Info
	Link     page.Copy
	Picture  template.URL // the badge, as data
	HTML     page.Copy
	Progress []progress
}

// progress is how far one of the ways to the next level has come. Either is enough.
type progress struct {
	ID, Label, Is, Of, Missing string
	Value, Max                 int64
}

func (v *visit) info() {
	drawn := badge.New(v.profile)
	v.render(http.StatusOK, "info", page.View{
		Title: "Partner info", Section: infoPath, Lead: "Your place in the program, your referral link, and the badge for your website.",
		Content: infoView{
			Info:     v.profile,
			Link:     v.referralLink(),
			Picture:  template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(drawn.SVG))),
			HTML:     page.Copy{ID: "badge-html", Label: "HTML of the badge", Value: drawn.HTML, Hint: "It links to your referral link, and needs no other file."},
			Progress: wayTo(v.profile),
		},
	})
}

// wayTo is how far a partner is on the ways to the next level.
func wayTo(info program.Info) []progress {
	next := info.NextLevel
	if next == nil {
		return nil
	}
	var ways []progress
	if next.MinPaidSubscriptions > 0 {
		ways = append(ways, progress{
			ID: "way-by-count", Label: "Paid containers", Is: number(info.PaidSubscriptions), Of: number(next.MinPaidSubscriptions), Missing: number(next.MissingPaidSubscriptions),
			Value: int64(min(info.PaidSubscriptions, next.MinPaidSubscriptions)), Max: int64(next.MinPaidSubscriptions),
		})
	}
	if next.MinMonthlyValue > 0 {
		ways = append(ways, progress{
			ID: "way-by-value", Label: "Monthly referral value", Is: page.Money(info.MonthlyReferralValue), Of: page.Money(next.MinMonthlyValue), Missing: page.Money(next.MissingMonthlyValue),
			Value: int64(min(info.MonthlyReferralValue, next.MinMonthlyValue)), Max: int64(next.MinMonthlyValue),
		})
	}
	return ways
}
