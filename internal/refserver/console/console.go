// Package console serves the pages of an app's administrator, under /console: what is to be reviewed
// and paid, the partners, customers and invoices, the settings, and the webhooks with their
// deliveries.
//
// An administrator signs in with a link that can be used once, or with the admin token, and sees
// and changes one app: every page goes through a visit, which has nothing of another app.
package console

import (
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

//go:embed templates/*.html
var templates embed.FS

// Config configures a [Console]. Every field except PublicURL is required.
type Config struct {
	Directory *directory.Directory
	Webhooks  *delivery.Dispatcher
	// Now is the clock of the server.
	Now func() time.Time
	// SessionNow is the clock of sessions. It is not moved on with that of the server, so that nobody
	// is signed out by it.
	SessionNow func() time.Time
	// NewWebhookSecret makes a secret that deliveries are signed with.
	NewWebhookSecret func() string
	// Requests is the log of the server.
	Requests func() *requests.Log
	// PublicURL is the address of the server, as page.Origin takes it.
	PublicURL string
	Logger    *slog.Logger
}

// SessionLife is how long a session of the console lasts.
const SessionLife = 12 * time.Hour

// A Console serves the pages. It is safe for concurrent use.
type Console struct {
	http.Handler
	config   Config
	frame    *page.Frame
	mux      *http.ServeMux
	routed   sync.Once // the mux has its routes from the first request on: few servers have any
	patterns []string  // of the pages and forms of an administrator
	sessions *page.Sessions[signedIn]
	links    links
}

const home = "/console"

// The sections, by their paths.
const (
	applicationsPath = home + "/applications"
	partnersPath     = home + "/partners"
	payoutsPath      = home + "/payouts"
	customersPath    = home + "/customers"
	invoicesPath     = home + "/invoices"
	settingsPath     = home + "/settings"
	webhooksPath     = home + "/webhooks"
	requestsPath     = home + "/requests"
)

func site() page.Site {
	return page.Site{
		Name:    "Partner console",
		Home:    home,
		SignOut: home + "/sign-out",
		Sections: []page.Section{
			{Path: home, Name: "Overview", Icon: "home"},
			{Path: applicationsPath, Name: "Applications", Icon: "inbox"},
			{Path: partnersPath, Name: "Partners", Icon: "users"},
			{Path: payoutsPath, Name: "Payouts", Icon: "wallet"},
			{Path: customersPath, Name: "Customers", Icon: "person"},
			{Path: invoicesPath, Name: "Invoices", Icon: "invoice"},
			{Path: webhooksPath, Name: "Webhooks", Icon: "send"},
			{Path: requestsPath, Name: "Requests", Icon: "log"},
			{Path: settingsPath, Name: "Settings", Icon: "settings"},
		},
	}
}

// New returns the console of every app of the directory.
func New(config Config) *Console {
	files, err := fs.Sub(templates, "templates")
	if err != nil {
		panic(err)
	}
	c := &Console{
		config: config,
		frame:  page.NewFrame(site(), files, template.FuncMap{"seconds": seconds}, config.Logger),
		mux:    http.NewServeMux(),
		sessions: page.NewSessions[signedIn](page.SessionConfig{
			Cookie: "stackbe_console", Path: home, Life: SessionLife, Now: config.SessionNow,
		}),
		links: links{now: config.Now},
	}
	c.Handler = c.frame.Guard(config.PublicURL, http.HandlerFunc(c.serve))
	return c
}

func (c *Console) routes() {
	c.mux.HandleFunc("GET "+home+"/sign-in/{token}", c.showLink)
	c.mux.HandleFunc("POST "+home+"/sign-in/{token}", c.redeemLink)
	c.mux.HandleFunc("GET "+home+"/sign-in", c.showSignIn)
	c.mux.HandleFunc("POST "+home+"/sign-in", c.signIn)
	c.mux.HandleFunc("POST "+home+"/sign-out", c.signOut)
	c.mux.Handle("/", c.forAdmin(c.noPage))

	c.get(home, overview)
	c.get(home+"/{$}", overview)

	c.get(applicationsPath, listApplications)
	c.get(applicationsPath+"/{id}", showApplication)
	c.post(applicationsPath+"/{id}/approve", approve)
	c.post(applicationsPath+"/{id}/reject", reject)

	c.get(partnersPath, listPartners)
	c.get(partnersPath+"/{id}", showPartner)
	c.post(partnersPath+"/{id}/portal", openPortal)

	c.get(payoutsPath, listPayouts)
	c.get(payoutsPath+"/{id}", showPayout)
	c.post(payoutsPath+"/{id}/move", movePayout)

	c.get(customersPath, listCustomers)
	c.get(customersPath+"/{id}", showCustomer)

	c.get(invoicesPath, listInvoices)
	c.get(invoicesPath+"/{id}", showInvoice)
	c.post(invoicesPath+"/{id}/refund", refund)
	c.post(invoicesPath+"/{id}/pay", payInvoice)

	c.get(settingsPath, showSettings)
	c.handle("POST "+settingsPath, saveSettings)

	c.get(webhooksPath, listWebhooks)
	c.handle("POST "+webhooksPath, addWebhook)
	c.get(webhooksPath+"/{id}", showWebhook)
	c.post(webhooksPath+"/{id}/rotate", rotateSecret)
	c.post(webhooksPath+"/{id}/enable", enableWebhook)
	c.post(webhooksPath+"/{id}/disable", disableWebhook)
	c.get(webhooksPath+"/{id}/deliveries/{event}", showDelivery)
	c.post(webhooksPath+"/{id}/deliveries/{event}/redeliver", redeliver)

	c.get(requestsPath, listRequests)
	c.get(requestsPath+"/{sequence}", showRequest)
}

func (c *Console) handle(pattern string, serve func(*visit)) {
	c.patterns = append(c.patterns, pattern)
	c.mux.Handle(pattern, c.forAdmin(serve))
}

func (c *Console) get(path string, show func(*visit)) { c.handle("GET "+path, show) }

// post serves a form. The path has no page, so that a reader who reloads it gets the one of the form.
func (c *Console) post(path string, act func(*visit)) {
	c.handle("POST "+path, act)
	c.get(path, toPageAbove)
}

func (c *Console) serve(w http.ResponseWriter, r *http.Request) {
	c.routed.Do(c.routes)
	c.mux.ServeHTTP(w, r)
}
