package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// A visit is a request of a partner who is signed in.
type visit struct {
	*Handler
	w       http.ResponseWriter
	r       *http.Request
	who     partner
	app     *program.Program
	profile program.Info
}

// me is the partner, as a customer of its app.
func (v *visit) me() string { return v.who.customerID }

// private serves a page to a partner who is signed in, as long as it is a partner.
func (h *Handler) private(show func(*visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, signedIn := h.partners.Find(r)
		if !signedIn {
			h.nobody(w)
			return
		}
		app := h.app(who.appID)
		if app == nil {
			h.partners.End(w, r)
			h.nobody(w)
			return
		}
		info, err := app.Info(who.customerID)
		if err != nil { // not a partner any more
			h.partners.End(w, r)
			h.nobody(w)
			return
		}
		requests.Attribute(w, who.appID)
		show(&visit{Handler: h, w: w, r: r, who: who, app: app, profile: info})
	}
}

// nobody responds to a request without a session.
func (h *Handler) nobody(w http.ResponseWriter) {
	h.frame.Problem(w, http.StatusUnauthorized, page.Problem{
		Title: "You are not signed in",
		Text: "Your session has ended, or your browser does not keep cookies. Open your portal link again; " +
			"if it is more than 24 hours old, get a new one where you got it.",
	})
}

// form reads the form of a request before act handles it.
func (h *Handler) form(act func(*visit, url.Values)) func(*visit) {
	return func(v *visit) {
		if problem := h.forms.Take(v.w, v.who.subject()); problem != nil {
			v.problem(*problem)
			return
		}
		form, problem := page.ReadForm(v.w, v.r)
		if problem != nil {
			v.problem(*problem)
			return
		}
		act(v, form)
	}
}

// render responds with a page of the portal.
func (v *visit) render(status int, name string, view page.View) {
	v.frame.Render(v.w, status, name, v.framed(view))
}

func (v *visit) framed(view page.View) page.View {
	view.Account = page.Account{Name: cmp.Or(v.profile.Name, v.profile.Email), Detail: "Partner code " + v.profile.Affiliate.Code}
	view.Flash = v.partners.TakeFlash(v.r)
	view.At = v.config.Now()
	return view
}

// problem responds with a page that says why there is no other.
func (v *visit) problem(problem page.Problem) {
	if problem.Actions == nil {
		problem.Actions = []page.Action{{Href: homePath, Text: "To the dashboard", Primary: true}}
	}
	v.frame.ProblemIn(v.w, v.framed(page.View{}), problem)
}

// fail responds to an error of the program that belongs to no form.
func (v *visit) fail(err error) {
	var (
		invalid  *program.Invalid
		missing  *program.NotFound
		conflict *program.Conflict
		denied   *program.Forbidden
	)
	switch {
	case errors.As(err, &invalid):
		v.problem(page.Problem{
			Status: http.StatusBadRequest, Title: "There is no such list",
			Text:    "The address asks for a filter or a page that this list does not have.",
			Actions: []page.Action{{Href: v.r.URL.Path, Text: "Show the whole list", Primary: true}},
		})
	case errors.As(err, &missing):
		v.problem(page.Problem{Status: http.StatusNotFound, Title: "There is no such page", Text: "It does not exist, or it is not yours to see."})
	case errors.As(err, &conflict):
		v.problem(page.Problem{Status: http.StatusConflict, Title: "That is not possible now", Text: page.Sentence(conflict.Message)})
	case errors.As(err, &denied):
		v.problem(page.Problem{Status: http.StatusForbidden, Title: "That is not allowed", Text: page.Sentence(denied.Message)})
	default:
		v.config.Logger.ErrorContext(v.r.Context(), "unexpected error", "path", v.r.URL.Path, "error", err)
		v.problem(page.Problem{Status: http.StatusInternalServerError, Title: "The server failed", Text: "Its log says why. Try again."})
	}
}

// done leaves a message, and leads to another page.
func (v *visit) done(message, path string) {
	v.partners.SetFlash(v.r, page.Flash{Kind: "success", Text: message})
	redirect(v.w, path)
}

// rowsOfPage is how many rows a page of a list has, as the API has it.
const rowsOfPage = 20

// page is the page of the list that the address asks for. A position that is none asks for one that no
// list has.
func (v *visit) page() program.PageQuery {
	position, ok := page.Position(v.r)
	if !ok {
		position = -1
	}
	return program.PageQuery{Limit: rowsOfPage, Before: position}
}

// csv is the address of the whole list as CSV, with the filter of this page.
func (v *visit) csv() page.Action {
	query := v.r.URL.Query()
	query.Del("before")
	return page.Action{Href: page.Address(v.r.URL.Path+".csv", query), Text: "Download CSV", Icon: "download", Download: true}
}

// pills are links to each value of a filter; the empty one shows all.
func (v *visit) pills(label, name string, options ...page.Option) page.Pills {
	pills := page.Pills{Label: label}
	current := v.r.URL.Query().Get(name)
	for _, option := range options {
		query := v.r.URL.Query()
		query.Del("before")
		query.Del(name)
		if option.Value != "" {
			query.Set(name, option.Value)
		}
		pills.Links = append(pills.Links, page.Link{Href: page.Address(v.r.URL.Path, query), Text: option.Text, Current: option.Value == current})
	}
	return pills
}

// filtered serves a list if what the address filters it by is the partner's.
func filtered(show func(*visit)) func(*visit) {
	return func(v *visit) {
		query := v.r.URL.Query()
		if user := query.Get("user"); user != "" {
			if _, err := v.app.User(v.me(), user); err != nil {
				v.fail(err)
				return
			}
		}
		if payout := query.Get("payout"); payout != "" {
			if _, err := v.app.PartnerPayout(v.me(), payout); err != nil {
				v.fail(err)
				return
			}
		}
		show(v)
	}
}

// isFiltered reports whether the address has one of the filters.
func (v *visit) isFiltered(names ...string) bool {
	for _, name := range names {
		if v.r.URL.Query().Get(name) != "" {
			return true
		}
	}
	return false
}
