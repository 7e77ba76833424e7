package console

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// partnerRow is a partner in the list.
type partnerRow struct {
	Href, Name, Email, Code string
	Rate                    string
	Customers               int
	Ready, Earned           program.Cents
	CreatedAt               time.Time
}

// partnerList is a page of partners.
type partnerList struct {
	Find  finder
	Rows  []partnerRow
	Pager page.Pager
	Empty page.Empty
}

func listPartners(v *visit) {
	asked, ok := v.page(partnersPath)
	if !ok {
		return
	}
	find := finder{Action: partnersPath, Label: "Code or email of a partner", Value: v.r.URL.Query().Get("find")}
	if find.Value != "" {
		if partner, err := v.app.FindPartner(find.Value); err == nil {
			v.redirect(at(partnersPath, partner.ID))
			return
		}
		find.Problem = "No partner has this code or email."
	}
	found, err := v.app.Partners(asked)
	if err != nil {
		v.fail(partnersPath, err)
		return
	}
	list := partnerList{
		Find:  find,
		Pager: page.NewPager(v.r, len(found.Rows), found.Next),
		Empty: page.Empty{
			Icon: "users", Title: "There are no partners yet", Text: "Approve an application, and the applicant becomes the first one.",
			Actions: []page.Action{{Href: applicationsPath, Text: "Review applications", Primary: true}},
		},
	}
	for _, partner := range found.Rows {
		list.Rows = append(list.Rows, partnerRow{
			Href: at(partnersPath, partner.ID), Name: cmp.Or(partner.Name, partner.Code), Email: partner.Email, Code: partner.Code,
			Rate: page.Percent(partner.CommissionRate), Customers: partner.Customers,
			Ready: partner.Balances.Ready, Earned: partner.TotalEarned, CreatedAt: partner.CreatedAt,
		})
	}
	v.render(http.StatusOK, "partners", partnersPath, page.View{Title: "Partners", Lead: "Who earns commissions, with what is ready to be paid out.", Content: list})
}

// partnerView is a partner with its figures.
type partnerView struct {
	program.Affiliate
	Href, Email, CustomerHref, ReferralLink string
	Schedule                                string
	NextPayout                              time.Time
	Tiles                                   []page.Tile
	Level, NextLevel, Rate                  string
	PaidSubscriptions                       int
	MonthlyValue, ReferralValue             program.Cents
	Customers, Subscriptions, Clicks, Deals int
	Payouts                                 []payoutView
	NoPayouts                               page.Empty
	Users                                   []userRow
	NoUsers                                 page.Empty
}

type userRow struct {
	program.User
	Href string
}

func showPartner(v *visit) {
	shown, title, err := v.partner(v.r.PathValue("id"))
	if err != nil {
		v.fail(partnersPath, err)
		return
	}
	v.render(http.StatusOK, "partner", partnersPath, page.View{
		Title:   title,
		Back:    &page.Link{Href: partnersPath, Text: "Partners"},
		Content: shown,
	})
}

func (v *visit) partner(id string) (shown partnerView, title string, err error) {
	partner, err := v.app.Partner(id)
	if err != nil {
		return partnerView{}, "", err
	}
	dashboard, err := v.app.Dashboard(partner.CustomerID)
	if err != nil {
		return partnerView{}, "", err
	}
	info, err := v.app.Info(partner.CustomerID)
	if err != nil {
		return partnerView{}, "", err
	}
	schedule, err := v.app.PayoutSchedule(partner.CustomerID)
	if err != nil {
		return partnerView{}, "", err
	}
	shown = partnerView{
		Affiliate:    partner.Affiliate,
		Href:         at(partnersPath, partner.ID),
		Email:        partner.Email,
		CustomerHref: at(customersPath, partner.CustomerID),
		ReferralLink: dashboard.ReferralLink,
		Schedule:     intervals[schedule.Interval],
		NextPayout:   schedule.NextAt,
		Tiles:        balanceTiles(partner),
		Level:        "None reached",
		NextLevel:    nextLevel(info.NextLevel),
		Rate:         page.Percent(partner.CommissionRate),

		PaidSubscriptions: info.PaidSubscriptions,
		MonthlyValue:      dashboard.MonthlyValue,
		ReferralValue:     info.MonthlyReferralValue,
		Customers:         partner.Customers,
		Subscriptions:     partner.Subscriptions,
		Clicks:            dashboard.Clicks,
		Deals:             dashboard.Deals,

		NoPayouts: page.Empty{Icon: "wallet", Title: "No payout yet", Text: "The partner requests one, or sets a schedule, in its portal. It needs " + page.Money(info.MinPayoutAmount) + " that are ready."},
		NoUsers:   page.Empty{Icon: "users", Title: "No user yet", Text: "Customers who sign up through the referral link appear here, and the sub accounts that the partner creates."},
	}
	if info.Level != nil {
		shown.Level = info.Level.Name
	}
	for _, payout := range dashboard.RecentPayouts {
		shown.Payouts = append(shown.Payouts, newPayoutView(program.PartnerPayout{Payout: payout, AffiliateCode: partner.Code}))
	}
	for _, user := range dashboard.RecentUsers {
		shown.Users = append(shown.Users, userRow{user, at(customersPath, user.ID)})
	}
	return shown, cmp.Or(partner.Name, partner.Code), nil
}

var intervals = map[program.PayoutInterval]string{
	program.PayoutsOff:     "Off",
	program.PayoutsWeekly:  "Weekly, on Mondays",
	program.PayoutsMonthly: "Monthly, on the first",
}

func balanceTiles(partner program.PartnerView) []page.Tile {
	tiles := []page.Tile{
		{Label: "Total earned", Value: page.Money(partner.TotalEarned)},
		{Label: "In review", Value: page.Money(partner.Balances.InReview)},
		{Label: "Ready", Value: page.Money(partner.Balances.Ready)},
		{Label: "In payout", Value: page.Money(partner.Balances.InPayout)},
		{Label: "Paid", Value: page.Money(partner.Balances.Paid)},
	}
	if partner.Balances.Debt > 0 {
		tiles = append(tiles, page.Tile{Label: "Debt", Value: page.Money(partner.Balances.Debt), Note: "Later commissions pay it off"})
	}
	return tiles
}

// nextLevel says what is missing for the next level.
func nextLevel(next *program.NextLevel) string {
	if next == nil {
		return "None"
	}
	var missing []string
	if next.MissingPaidSubscriptions > 0 {
		missing = append(missing, fmt.Sprintf("%d more paid subscriptions", next.MissingPaidSubscriptions))
	}
	if next.MissingMonthlyValue > 0 {
		missing = append(missing, page.Money(next.MissingMonthlyValue)+" more of monthly referral value")
	}
	return fmt.Sprintf("%s, with %s: %s", next.Name, page.Percent(next.CommissionRate), strings.Join(missing, ", or "))
}

// openPortal makes the link when it is needed, so that no page of the console has it.
func openPortal(v *visit) {
	partner, err := v.app.Partner(v.r.PathValue("id"))
	if err != nil {
		v.fail(partnersPath, err)
		return
	}
	link, err := v.app.PortalLink(partner.CustomerID)
	if err != nil {
		v.fail(partnersPath, err)
		return
	}
	v.redirect("/portal/" + link.Token)
}
