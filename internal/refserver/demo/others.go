package demo

import (
	"fmt"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// others are the partners beside Jane.
func (y *year) others() {
	y.marco()
	y.priya()
	y.sofia()
	y.newcomers()
}

// marco is paid out each week, without a request. What he was due last is pending.
func (y *year) marco() {
	marco := y.partner(310, person{"Marco Rossi", "marco@studiorossi.example", "Studio Rossi", "https://studiorossi.example"},
		"We build websites for small hotels in Tuscany", "MARCO10")
	marco.clicks(9, 305, 3)
	for i, hotel := range []string{"Villa Aurora", "Casa Bellavista", "Albergo del Ponte", "Il Glicine", "Torre Antica", "La Pergola", "Palazzo Verde"} {
		email := fmt.Sprintf("reception%d@hotels.example", i+1)
		marco.byCode(300-20*i, email, hotel)
		y.subscribe(299-20*i, email, program.Pro, hotel)
	}
	marco.byClick(160, "info@olioferrante.example", "Paolo Ferrante")
	y.subscribe(158, "info@olioferrante.example", program.Enterprise, "Export shop")
	marco.schedule(200, program.PayoutsWeekly)
	marco.settled(199, 41)
}

// priya is at the highest level. Her payout is on its way to the bank.
func (y *year) priya() {
	priya := y.partner(280, person{"Priya Nair", "priya@nairdigital.example", "Nair Digital", "https://nairdigital.example"},
		"Agency with a focus on marketplaces; our clients outgrow shared hosting in their first year", "PRIYA")
	priya.clicks(5, 276, 2)
	for i, client := range []struct{ name, company string }{
		{"Arjun Mehta", "spicetrail"}, {"Fatima Khan", "indigoweave"}, {"Rahul Verma", "monsoonbooks"},
		{"Emily Clark", "clarkandsons"}, {"Daniel Cohen", "cohenoptics"}, {"Yuki Sato", "satoglass"},
	} {
		email := fmt.Sprintf("hello@%s.example", client.company)
		priya.byClick(270-30*i, email, client.name)
		y.subscribe(269-30*i, email, program.Enterprise, "Production")
		y.subscribe(268-30*i, email, program.Pro, "Staging")
	}
	priya.access(33, "hello@satoglass.example", program.GrantAccess)
	priya.payout(140, processing, paid)
	priya.payout(70, processing, paid)
	priya.payout(2, processing)
}

// sofia was paid out for a client who then had everything back: she is in debt.
func (y *year) sofia() {
	sofia := y.partner(230, person{"Sofia Lindqvist", "sofia@lindqvist.example", "", "https://lindqvist.example"},
		"I write a newsletter on web analytics with 9,000 readers", "SOFIA")
	sofia.clicks(11, 226, 8)
	sofia.byClick(215, "accounts@blueheron.example", "Thomas Reed")
	left := y.subscribe(214, "accounts@blueheron.example", program.Enterprise, "Campaigns")
	second := y.subscribe(213, "accounts@blueheron.example", program.Enterprise, "Archive")
	sofia.payout(148, processing, paid)
	for _, c := range []*container{left, second} {
		c.becomes(160, program.SubscriptionCanceled).refund(141, 0)
	}
	sofia.byCode(90, "mail@pinecrestschool.example", "Ruth Adler")
	y.subscribe(40, "mail@pinecrestschool.example", program.Pro, "School site")
}

// newcomers have not come far yet.
func (y *year) newcomers() {
	tom := y.partner(60, person{"Tom Becker", "tom@beckerconsulting.example", "Becker Consulting", ""}, "", "TOM-BECKER")
	tom.byCode(50, "praxis@drhoffmann.example", "Dr. Eva Hoffmann")
	y.subscribe(49, "praxis@drhoffmann.example", program.Pro, "Appointments")
	y.subscribe(30, "praxis@drhoffmann.example", program.Pro, "Forms")
	tom.bySubAccount(21, "verein@rudern.example", "")
	y.subscribe(20, "verein@rudern.example", program.Free, "Club")

	kenji := y.partner(18, person{"Kenji Ito", "kenji@itomedia.example", "Ito Media", "https://itomedia.example"}, "Video courses for shop owners", "KENJI")
	kenji.clicks(2, 16, 1)
}

// waiting are the applications without a partner, and customers without one.
func (y *year) waiting() {
	y.reject(255, y.apply(258, person{"Victor Hale", "victor@couponstorm.example", "Coupon Storm", "https://couponstorm.example"}, "Coupon site"),
		"We do not work with coupon sites")
	y.reject(88, y.apply(91, person{"Lena Vogt", "lena.vogt@students.example", "", ""}, "I like the product"), "")
	y.apply(6, person{"Amara Okafor", "amara@okaforcommerce.example", "Okafor Commerce", "https://okaforcommerce.example"},
		"We run eleven shops for fashion brands in Lagos and London")
	y.apply(3, person{"Henrik Dahl", "henrik@dahlweb.example", "Dahl Web", "https://dahlweb.example"}, "Freelance developer; I would bring three clients at once")
	y.apply(1, person{"Zoë Martin", "zoe.martin@atelierdigital.example", "", ""}, "")

	y.signUp(320, "service@cedarworks.example", "Cedar Works")
	y.subscribe(319, "service@cedarworks.example", program.Business, "Configurator")
	y.signUp(110, "pat@quietriver.example", "Pat Morgan")
	// Signed up within the last seven days, so that a partner can still add her as a user.
	y.signUp(2, "nora@summitclimbing.example", "Nora Lind")
	y.subscribe(2, "nora@summitclimbing.example", program.Pro, "Bookings")
}
