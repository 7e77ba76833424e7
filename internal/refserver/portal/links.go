package portal

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// openLink exchanges a link for a session, and leads to an address without the token, so that
// neither the address bar nor a Referer has it. The link stays valid: a browser or a mail program
// that fetches it in advance does not use it up.
func (h *Handler) openLink(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	app := h.app(program.PortalApp(token))
	if program.IsLogin(token) {
		h.openLogin(w, r, app, token)
		return
	}
	if app == nil {
		h.refuseLink(w, &program.NotFound{})
		return
	}
	dashboard, err := app.OpenPortal(token)
	attribute(w, token, err)
	if err != nil {
		h.refuseLink(w, err)
		return
	}
	if r.Method != http.MethodHead {
		who := partner{appID: program.PortalApp(token), customerID: dashboard.Affiliate.CustomerID}
		h.partners.Start(w, r, who.subject(), who, page.IsHTTPS(h.config.PublicURL, r))
		h.endLoginOfOthers(w, r, who)
	}
	redirect(w, homePath)
}

// attribute records the app of a link. Whoever forges one can name any app, which is not recorded.
func attribute(w http.ResponseWriter, token string, err error) {
	if forged := new(program.NotFound); !errors.As(err, &forged) {
		requests.Attribute(w, program.PortalApp(token))
	}
}

// endLoginOfOthers ends the login as a user that another partner has begun in the browser.
func (h *Handler) endLoginOfOthers(w http.ResponseWriter, r *http.Request, who partner) {
	token, loggedIn := h.logins.Find(r)
	if !loggedIn {
		return
	}
	appID := program.PortalApp(token)
	login, err := openLogin(h.app(appID), token)
	if err != nil || who != (partner{appID, login.Partner.CustomerID}) {
		h.logins.End(w, r)
	}
}

func (h *Handler) refuseLink(w http.ResponseWriter, err error) {
	if expired := new(program.Expired); errors.As(err, &expired) {
		h.frame.Problem(w, http.StatusGone, page.Problem{Title: "Link expired", Text: "This link is more than 24 hours old. Get a new one where you got it."})
		return
	}
	h.frame.Problem(w, http.StatusNotFound, page.Problem{Title: "Link unknown", Text: "There is no partner portal behind this link. Check that you copied all of it."})
}

// openLogin exchanges a link that logs in as a user.
func (h *Handler) openLogin(w http.ResponseWriter, r *http.Request, app *program.Program, token string) {
	login, err := openLogin(app, token)
	attribute(w, token, err)
	if err != nil {
		h.refuseLogin(w, err)
		return
	}
	if r.Method != http.MethodHead {
		h.startLogin(w, r, login.Partner.ID, token)
	}
	redirect(w, asUserPath)
}

func (h *Handler) startLogin(w http.ResponseWriter, r *http.Request, affiliateID, token string) {
	h.logins.Start(w, r, program.PortalApp(token)+"/"+affiliateID, token, page.IsHTTPS(h.config.PublicURL, r))
}

// openLogin returns the login behind a token. app is nil if it is gone.
func openLogin(app *program.Program, token string) (program.Login, error) {
	if app == nil {
		return program.Login{}, &program.NotFound{}
	}
	return app.OpenLogin(token)
}

func (h *Handler) refuseLogin(w http.ResponseWriter, err error) {
	var (
		expired *program.Expired
		denied  *program.Forbidden
	)
	switch {
	case errors.As(err, &expired):
		h.frame.Problem(w, http.StatusGone, page.Problem{Title: "Link expired", Text: "This login is more than 10 minutes old. Log in as the user again, from its page."})
	case errors.As(err, &denied):
		h.frame.Problem(w, http.StatusForbidden, page.Problem{Title: "Access withdrawn", Text: "The user has withdrawn the access to its account. Request access again, and log in once it is granted."})
	default:
		h.frame.Problem(w, http.StatusNotFound, page.Problem{Title: "Link unknown", Text: "There is no account behind this link. Check that you copied all of it."})
	}
}

// A loginView is a partner looking at a user's account.
type loginView struct {
	program.Login
	PartnerName, UserName string
	Containers            []program.EarningSubscription
	More                  bool
}

// asUser shows the account of a user to the partner who is logged in as the user, while access is granted.
func (h *Handler) asUser(w http.ResponseWriter, r *http.Request) {
	token, loggedIn := h.logins.Find(r)
	if !loggedIn {
		h.frame.Problem(w, http.StatusUnauthorized, page.Problem{Title: "You are not logged in as a user", Text: "Log in as the user from its page in the portal."})
		return
	}
	app := h.app(program.PortalApp(token))
	login, err := openLogin(app, token)
	attribute(w, token, err)
	if err != nil {
		h.logins.End(w, r)
		h.refuseLogin(w, err)
		return
	}
	view := loginView{Login: login, PartnerName: cmp.Or(login.Name, login.Email), UserName: cmp.Or(login.User.Name, login.User.Email)}
	if containers, err := app.UserSubscriptions(login.Partner.CustomerID, login.User.ID, program.PageQuery{Limit: rowsOfPage}); err == nil {
		view.Containers, view.More = containers.Rows, containers.Next > 0
	}
	h.frame.Render(w, http.StatusOK, "as-user", page.View{Title: view.UserName, Alone: true, Wide: true, At: h.config.Now(), Content: view})
}

// endAsUser stops looking at a user's account.
func (h *Handler) endAsUser(w http.ResponseWriter, r *http.Request) {
	h.attributeSession(w, r)
	h.logins.End(w, r)
	redirect(w, homePath)
}

// attributeSession records the app of a session that ends.
func (h *Handler) attributeSession(w http.ResponseWriter, r *http.Request) {
	if token, loggedIn := h.logins.Find(r); loggedIn {
		requests.Attribute(w, program.PortalApp(token))
	}
	if who, signedIn := h.partners.Find(r); signedIn {
		requests.Attribute(w, who.appID)
	}
}

func (h *Handler) signOut(w http.ResponseWriter, r *http.Request) {
	h.attributeSession(w, r)
	h.partners.End(w, r)
	h.logins.End(w, r)
	redirect(w, signedOutPath)
}

func (h *Handler) signedOut(w http.ResponseWriter, _ *http.Request) {
	h.frame.Problem(w, http.StatusOK, page.Problem{Title: "You are signed out", Text: "To come back, open your portal link again, or get a new one where you got it."})
}
