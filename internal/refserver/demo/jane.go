package demo

import "github.com/stackbe/stackbe-go/internal/refserver/program"

// jane is the partner with the richest history. No payout of hers is open at the end, so that one can
// be requested.
func (y *year) jane() *partner {
	jane := y.partner(365, person{"Jane Smith", "jane@acme.example", "Acme Analytics", "https://acme.example"},
		"I set up server-side tracking for some forty shops, and most of them ask me what to host it on", "JANE20")
	jane.clicks(3, 363, 1)
	jane.users()
	jane.troubled()
	jane.gone()

	jane.deal(48, "procurement@meridianhotels.example", "Sarah Whitfield", "Twelve hotels, one container each; decides after the summer")
	jane.deal(19, "david.osei@openharbour.example", "David Osei", "")
	jane.deal(4, "it@castellanowines.example", "Lucia Castellano", "Wants a call about the Business plan")

	jane.payout(250, processing, paid)
	jane.payout(190, failed("The bank account is closed"))
	jane.payout(186, processing, paid)
	jane.schedule(180, program.PayoutsMonthly)
	jane.settled(179, 50)
	jane.schedule(55, program.PayoutsOff)
	return jane
}

// users are those whose containers run as they should.
func (p *partner) users() {
	y := p.y
	p.byClick(360, "anna.keller@lindenbakery.example", "Anna Keller")
	y.subscribe(360, "anna.keller@lindenbakery.example", program.Free, "Trial")
	y.subscribe(352, "anna.keller@lindenbakery.example", program.Pro, "Online shop")
	y.subscribe(140, "anna.keller@lindenbakery.example", program.Pro, "Staging")
	p.access(30, "anna.keller@lindenbakery.example", program.GrantAccess)

	p.byLink(340, "carla@gomezdental.example", "Carla Gómez")
	y.subscribe(339, "carla@gomezdental.example", program.Business, "Practice website")
	p.access(120, "carla@gomezdental.example", program.DeclineAccess)

	p.byDeal(318, 301, "erin.oneill@harborlogistics.example", "Erin O’Neill", "Moves from a server of her own")
	y.subscribe(300, "erin.oneill@harborlogistics.example", program.Enterprise, "Tracking portal")
	p.access(210, "erin.oneill@harborlogistics.example", program.GrantAccess, program.WithdrawAccess)

	p.bySubAccount(270, "grace.liu@tealeafhouse.example", "Grace Liu")
	y.subscribeAs(268, program.SubscriptionParams{CustomerID: "grace.liu@tealeafhouse.example", Plan: program.Enterprise, Name: "All brands", Billing: program.Consolidated})
	y.subscribe(200, "grace.liu@tealeafhouse.example", program.Free, "Sandbox")

	p.byCode(240, "mia.johansson@fjordoutdoor.example", "Mia Johansson")
	for i, name := range []string{"Sweden", "Norway", "Denmark"} {
		y.subscribe(238-i, "mia.johansson@fjordoutdoor.example", program.Pro, name)
	}

	p.byClick(180, "liam.walker@walkercycles.example", "Liam Walker")
	y.subscribe(180, "liam.walker@walkercycles.example", program.Pro, "Shop").upgrade(95, program.Business)

	p.byClick(64, "hiro.tanaka@kumoprint.example", "Hiro Tanaka")
	y.subscribe(64, "hiro.tanaka@kumoprint.example", program.Free, "First steps")

	p.byCode(12, "olivia.brandt@brandtinterior.example", "Olivia Brandt")
	y.subscribe(11, "olivia.brandt@brandtinterior.example", program.Pro, "Showroom")
	p.bySubAccount(5, "office@rosenthalgallery.example", "Max Rosenthal")
	y.subscribe(3, "office@rosenthalgallery.example", program.Free, "Gallery")
	p.access(2, "office@rosenthalgallery.example")
}

// troubled are users with a container that needs attention.
func (p *partner) troubled() {
	y := p.y
	p.bySubAccount(330, "bob.fischer@fischertools.example", "Bob Fischer")
	y.subscribe(329, "bob.fischer@fischertools.example", program.Pro, "Catalog")
	y.subscribe(150, "bob.fischer@fischertools.example", program.Pro, "Dealer portal").becomes(6, program.SubscriptionLimitExceeded)
	p.access(160, "bob.fischer@fischertools.example", program.GrantAccess)

	p.byCode(220, "felix.wagner@nordlicht.example", "Felix Wagner")
	y.subscribe(219, "felix.wagner@nordlicht.example", program.Business, "Ticket shop").
		change(75, program.SubscriptionChange{PaymentMethod: program.DeclinedMethod}).
		pay(62).
		change(20, program.SubscriptionChange{PaymentMethod: program.DeclinedMethod}).
		becomes(9, program.SubscriptionError)

	paused := true
	p.byClick(130, "kira.novak@alpineyoga.example", "Kira Nováková")
	y.subscribe(129, "kira.novak@alpineyoga.example", program.Pro, "Courses").change(25, program.SubscriptionChange{Paused: &paused})

	p.byClick(100, "jack.murphy@murphyroasters.example", "Jack Murphy")
	y.subscribe(99, "jack.murphy@murphyroasters.example", program.Business, "Wholesale").refund(7, 40_00)
	y.subscribe(98, "jack.murphy@murphyroasters.example", program.Pro, "Café").becomes(3, program.SubscriptionLimitExceeded)
}

// gone are users who have left, and were given money back.
func (p *partner) gone() {
	y := p.y
	p.byDeal(290, 282, "ines.costa@portoceramics.example", "Inês Costa", "")
	// By then the commission is paid out: it is clawed back.
	y.subscribe(281, "ines.costa@portoceramics.example", program.Business, "Exports").
		becomes(245, program.SubscriptionCanceled).
		refund(170, 0)

	// By then the commission is in review: it is voided.
	p.byClick(26, "noah.peters@petersfitness.example", "Noah Peters")
	y.subscribe(24, "noah.peters@petersfitness.example", program.Pro, "Members").
		refund(15, 0).
		becomes(15, program.SubscriptionCanceled)
}
