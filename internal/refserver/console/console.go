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

// Config configures a [Console]. Every field except PublicURL and FormsPerMinute is required.
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
	// FormsPerMinute limits the forms that the administrators of an app send in a minute and, separately,
	// the forms with a token that come from one address; 0 means any number.
	FormsPerMinute int
	Logger         *slog.Logger
}

// SessionLife is how long a session of the console lasts.
const SessionLife = 12 * time.Hour

// A Console serves the pages. It is safe for concurrent use.
type Console struct {
	http.Handler
	config   Config
	frame    *page.Frame
	routes   func() routes
	sessions *page.Sessions[signedIn]
	links    links
	forms    page.Limiter
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
		sessions: page.NewSessions[signedIn](page.SessionConfig{
			Cookie: "stackbe_console", Path: home, Life: SessionLife, Now: config.SessionNow,
		}),
		links: links{now: config.Now},
		forms: page.Limiter{PerMinute: config.FormsPerMinute, Now: config.Now},
	}
	c.routes = sync.OnceValue(c.newRoutes)
	c.Handler = c.frame.Guard(config.PublicURL, http.HandlerFunc(c.serve))
	return c
}

// routes are the pages and forms.
type routes struct {
	mux      *http.ServeMux
	console  *Console
	patterns []string // of those for an administrator
}

// newRoutes is called for the first request, so that a server whose console nobody opens starts fast.
func (c *Console) newRoutes() routes {
	r := routes{mux: http.NewServeMux(), console: c}
	r.mux.HandleFunc("GET "+home+"/sign-in/{token}", c.showLink)
	r.mux.HandleFunc("POST "+home+"/sign-in/{token}", c.redeemLink)
	r.mux.HandleFunc("GET "+home+"/sign-in", c.showSignIn)
	r.mux.HandleFunc("POST "+home+"/sign-in", c.limited(c.signIn))
	r.mux.HandleFunc("POST "+home+"/sign-out", c.signOut)
	r.mux.Handle("/", c.forAdmin(noPage))

	r.get(home, overview)
	r.get(home+"/{$}", overview)

	r.get(applicationsPath, listApplications)
	r.get(applicationsPath+"/{id}", showApplication)
	r.post(applicationsPath+"/{id}/approve", approve)
	r.post(applicationsPath+"/{id}/reject", reject)

	r.get(partnersPath, listPartners)
	r.get(partnersPath+"/{id}", showPartner)
	r.post(partnersPath+"/{id}/portal", openPortal)

	r.get(payoutsPath, listPayouts)
	r.get(payoutsPath+"/{id}", showPayout)
	r.post(payoutsPath+"/{id}/move", movePayout)

	r.get(customersPath, listCustomers)
	r.get(customersPath+"/{id}", showCustomer)

	r.get(invoicesPath, listInvoices)
	r.get(invoicesPath+"/{id}", showInvoice)
	r.post(invoicesPath+"/{id}/refund", refund)
	r.post(invoicesPath+"/{id}/pay", payInvoice)

	r.get(settingsPath, showSettings)
	r.handle("POST "+settingsPath, saveSettings)

	r.get(webhooksPath, listWebhooks)
	r.handle("POST "+webhooksPath, addWebhook)
	r.get(webhooksPath+"/{id}", showWebhook)
	r.post(webhooksPath+"/{id}/rotate", rotateSecret)
	r.post(webhooksPath+"/{id}/enable", enableWebhook)
	r.post(webhooksPath+"/{id}/disable", disableWebhook)
	r.get(webhooksPath+"/{id}/deliveries/{event}", showDelivery)
	r.post(webhooksPath+"/{id}/deliveries/{event}/redeliver", redeliver)

	r.get(requestsPath, listRequests)
	r.get(requestsPath+"/{sequence}", showRequest)
	return r
}

func (r *routes) handle(pattern string, serve func(*visit)) {
	r.patterns = append(r.patterns, pattern)
	r.mux.Handle(pattern, r.console.forAdmin(serve))
}

func (r *routes) get(path string, show func(*visit)) { r.handle("GET "+path, show) }

// post serves a form. The path has no page, so that a reader who reloads it gets the one of the form.
func (r *routes) post(path string, act func(*visit)) {
	r.handle("POST "+path, act)
	r.get(path, toPageAbove)
}

func (c *Console) serve(w http.ResponseWriter, r *http.Request) { c.routes().mux.ServeHTTP(w, r) }
