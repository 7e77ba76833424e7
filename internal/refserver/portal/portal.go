// Package portal serves the partner's portal, which signed links open: the pages of a partner's account,
// and the account of a user that a partner looks at as that user. What they show is what the API
// returns.
package portal

import (
	"cmp"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

//go:embed pages/*.html
var pageFiles embed.FS

// SessionLife is how long a session in a browser lasts, and a link can be exchanged for one.
const SessionLife = 24 * time.Hour

// Paths of the pages.
const (
	homePath        = "/portal"
	usersPath       = "/portal/users"
	subAccountPath  = "/portal/create-sub-account"
	addUserPath     = "/portal/add-user"
	dealsPath       = "/portal/deals"
	newDealPath     = "/portal/register-deal"
	invoicesPath    = "/portal/invoices"
	commissionsPath = "/portal/commissions"
	containersPath  = "/portal/containers"
	payoutsPath     = "/portal/payouts"
	schedulePath    = "/portal/payout-schedule"
	statementPath   = "/portal/statement"
	infoPath        = "/portal/info"
	apiPath         = "/portal/api"
	signOutPath     = "/portal/sign-out"
	signedOutPath   = "/portal/signed-out"
	asUserPath      = "/portal/as-user"
	endAsUserPath   = "/portal/as-user/end"
)

var site = page.Site{
	Name: "Partner portal", Home: homePath, SignOut: signOutPath,
	Sections: []page.Section{
		{Path: homePath, Name: "Dashboard", Icon: "home"},
		{Path: usersPath, Name: "Users", Icon: "users"},
		{Path: dealsPath, Name: "Deals", Icon: "deal"},
		{Path: invoicesPath, Name: "Customer invoices", Icon: "invoice"},
		{Path: commissionsPath, Name: "Commissions", Icon: "percent"},
		{Path: payoutsPath, Name: "Payouts", Icon: "wallet"},
		{Path: statementPath, Name: "Statement", Icon: "list"},
		{Path: infoPath, Name: "Partner info", Icon: "person"},
		{Path: apiPath, Name: "API", Icon: "code"},
	},
}

// Config configures a [Handler]. Every field except PublicURL and FormsPerMinute is required.
type Config struct {
	Directory *directory.Directory
	Now       func() time.Time
	Logger    *slog.Logger
	// Contract has the paths and the header that the page of the API shows. No field is empty.
	Contract contract.Contract
	// PublicURL is where links lead to, as page.Origin takes it; it may be empty.
	PublicURL string
	// FormsPerMinute is how many forms a partner may send in a minute; 0 means any number.
	FormsPerMinute int
}

// A Handler serves the portal, below /portal. It is safe for concurrent use.
type Handler struct {
	http.Handler
	config Config
	frame  *page.Frame
	mux    *http.ServeMux
	// patterns are those of the mux for a partner who is signed in.
	patterns []string
	routed   sync.Once // the mux has its routes from the first request on: few servers have any
	// partners are signed in with a portal link. logins look at a user's account; each has the token
	// of its link, which the program knows the end of.
	partners *page.Sessions[partner]
	logins   *page.Sessions[string]
	forms    page.Limiter
}

// A partner is who is signed in.
type partner struct{ appID, customerID string }

// subject is the same for all sessions of a partner.
func (p partner) subject() string { return p.appID + "/" + p.customerID }

// New returns a handler that nobody is signed in at.
func New(config Config) *Handler {
	files, err := fs.Sub(pageFiles, "pages")
	if err != nil {
		panic(err)
	}
	h := &Handler{
		config:   config,
		frame:    page.NewFrame(site, files, functions(), config.Logger),
		mux:      http.NewServeMux(),
		partners: page.NewSessions[partner](page.SessionConfig{Cookie: "stackbe_portal", Path: homePath, Life: SessionLife, Now: config.Now}),
		logins:   page.NewSessions[string](page.SessionConfig{Cookie: "stackbe_login", Path: homePath, Life: SessionLife, Now: config.Now}),
		forms:    page.Limiter{PerMinute: config.FormsPerMinute, Now: config.Now},
	}
	h.Handler = h.frame.Guard(config.PublicURL, http.HandlerFunc(h.serve))
	return h
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) {
	h.routed.Do(h.routes)
	h.mux.ServeHTTP(w, r)
}

// Clear ends all sessions, for a server whose state is replaced.
func (h *Handler) Clear() {
	h.partners.Clear()
	h.logins.Clear()
}

func (h *Handler) routes() {
	for pattern, show := range map[string]func(*visit){
		homePath:                               (*visit).dashboard,
		usersPath:                              (*visit).users,
		usersPath + ".csv":                     (*visit).usersCSV,
		usersPath + "/{userID}":                (*visit).user,
		usersPath + "/{userID}/containers.csv": (*visit).userContainersCSV,
		subAccountPath:                         (*visit).subAccountForm,
		addUserPath:                            (*visit).addUserForm,
		dealsPath:                              (*visit).deals,
		dealsPath + ".csv":                     (*visit).dealsCSV,
		newDealPath:                            (*visit).dealForm,
		invoicesPath:                           filtered((*visit).invoices),
		invoicesPath + ".csv":                  filtered((*visit).invoicesCSV),
		invoicesPath + "/{invoiceID}":          (*visit).invoice,
		invoicesPath + "/{invoiceID}/receipt":  (*visit).receipt,
		commissionsPath:                        filtered((*visit).commissions),
		commissionsPath + ".csv":               filtered((*visit).commissionsCSV),
		containersPath:                         (*visit).containers,
		containersPath + ".csv":                (*visit).containersCSV,
		payoutsPath:                            (*visit).payouts,
		payoutsPath + ".csv":                   (*visit).payoutsCSV,
		payoutsPath + "/{payoutID}":            (*visit).payout,
		statementPath:                          (*visit).statement,
		statementPath + ".csv":                 (*visit).statementCSV,
		infoPath:                               (*visit).info,
		apiPath:                                (*visit).api,
	} {
		h.handle("GET "+pattern, h.private(show))
	}
	for pattern, act := range map[string]func(*visit, url.Values){
		subAccountPath:                 (*visit).createSubAccount,
		addUserPath:                    (*visit).addUser,
		newDealPath:                    (*visit).registerDeal,
		usersPath + "/{userID}/access": (*visit).requestAccess,
		usersPath + "/{userID}/login":  (*visit).logInAs,
		payoutsPath:                    (*visit).requestPayout,
		schedulePath:                   (*visit).setSchedule,
	} {
		h.handle("POST "+pattern, h.private(h.form(act)))
	}
	for form, above := range map[string]string{
		usersPath + "/{userID}/access": "", // the user's
		usersPath + "/{userID}/login":  "",
		schedulePath:                   payoutsPath,
		signOutPath:                    homePath,
		endAsUserPath:                  asUserPath,
	} {
		h.mux.HandleFunc("GET "+form, toPageOfForm(above))
	}
	h.mux.HandleFunc("GET /portal/{token}", h.openLink)
	h.mux.HandleFunc("GET /portal/{$}", func(w http.ResponseWriter, _ *http.Request) { redirect(w, homePath) })
	h.mux.HandleFunc("POST "+signOutPath, h.signOut)
	h.mux.HandleFunc("GET "+signedOutPath, h.signedOut)
	h.mux.HandleFunc("GET "+asUserPath, h.asUser)
	h.mux.HandleFunc("POST "+endAsUserPath, h.endAsUser)
	h.mux.HandleFunc("/", h.notThere)
}

// handle serves a page or a form of a partner who is signed in.
func (h *Handler) handle(pattern string, serve http.HandlerFunc) {
	h.patterns = append(h.patterns, pattern)
	h.mux.HandleFunc(pattern, serve)
}

// Routes are the patterns of the pages and forms of a partner who is signed in, for tests of all of them.
func (h *Handler) Routes() []string {
	h.routed.Do(h.routes)
	return h.patterns
}

// notThere responds for the paths and methods that the portal does not have.
func (h *Handler) notThere(w http.ResponseWriter, r *http.Request) {
	methods := page.Methods(h.mux, r)
	if len(methods) == 0 {
		h.frame.Problem(w, http.StatusNotFound, page.Problem{
			Title:   "There is no such page",
			Text:    "The address may be mistyped, or the page may have moved.",
			Actions: []page.Action{{Href: homePath, Text: "To the dashboard", Primary: true}},
		})
		return
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	h.frame.Problem(w, http.StatusMethodNotAllowed, page.Problem{
		Title:   "This page cannot be used that way",
		Text:    "Open it from the portal.",
		Actions: []page.Action{{Href: homePath, Text: "To the dashboard", Primary: true}},
	})
}

// toPageOfForm leads a reader who opens the address of a form, as after a refusal, to its page, or to the page of the
// folder if that is empty.
func toPageOfForm(above string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		redirect(w, cmp.Or(above, path.Dir(r.URL.EscapedPath())))
	}
}

// redirect leads a browser to another page, which it gets with GET.
func redirect(w http.ResponseWriter, path string) {
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
}

// app is the program of a partner's app; nil if it is gone.
func (h *Handler) app(appID string) *program.Program { return h.config.Directory.App(appID) }
