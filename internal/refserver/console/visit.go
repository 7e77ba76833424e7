package console

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// A visit is one request of an administrator. It has the app of the session, and nothing of another.
type visit struct {
	console  *Console
	w        http.ResponseWriter
	r        *http.Request
	appID    string
	app      *program.Program
	webhooks delivery.App
}

// forAdmin serves those who are signed in. Others get the form to sign in.
func (c *Console) forAdmin(serve func(*visit)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ := c.sessions.Find(r)
		appID, ok := c.appOf(who.adminToken)
		app := c.config.Directory.App(appID)
		if !ok || app == nil {
			c.renderSignIn(w, http.StatusUnauthorized, nil)
			return
		}
		requests.Attribute(w, appID)
		v := &visit{console: c, w: w, r: r, appID: appID, app: app, webhooks: c.config.Webhooks.App(appID)}
		if r.Method == http.MethodPost {
			if problem := c.forms.Take(w, "app "+appID); problem != nil {
				v.problem("", *problem)
				return
			}
		}
		serve(v)
	})
}

// render responds with a page of a section.
func (v *visit) render(status int, name, section string, view page.View) {
	v.fill(&view, section)
	v.console.frame.Render(v.w, status, name, view)
}

func (v *visit) fill(view *page.View, section string) {
	overview := v.app.Overview()
	view.Section = section
	view.Account = page.Account{Name: v.appID, Detail: "Administrator"}
	view.At = v.console.config.Now()
	view.Counts = map[string]int{
		applicationsPath: overview.Applications[program.Pending],
		payoutsPath:      overview.Payouts[program.PayoutPending] + overview.Payouts[program.PayoutProcessing],
	}
	if view.Flash == nil {
		view.Flash = v.console.sessions.TakeFlash(v.r)
	}
}

// done leaves a message for the page that the reader is sent to.
func (v *visit) done(message, path string) {
	v.console.sessions.SetFlash(v.r, page.Flash{Kind: "success", Text: message})
	v.redirect(path)
}

func (v *visit) redirect(path string) { http.Redirect(v.w, v.r, path, http.StatusSeeOther) }

// toPageAbove keeps the parameters: a page that a form was refused on may have links to its lists.
func toPageAbove(v *visit) {
	v.redirect(page.Address(path.Dir(v.r.URL.EscapedPath()), v.r.URL.Query()))
}

// form reads the form of the request. If it cannot be read, it responds, and ok is false.
func (v *visit) form() (form url.Values, ok bool) {
	form, problem := page.ReadForm(v.w, v.r)
	if problem != nil {
		v.problem("", *problem)
		return nil, false
	}
	return form, true
}

func (v *visit) problem(section string, problem page.Problem) {
	view := page.View{}
	v.fill(&view, section)
	v.console.frame.ProblemIn(v.w, view, problem)
}

// fail responds to an error that is not about what was entered: the page does not exist.
func (v *visit) fail(section string, err error) {
	problem := page.Problem{
		Status:  http.StatusNotFound,
		Title:   "There is no such page",
		Text:    page.Sentence(err.Error()),
		Actions: []page.Action{{Href: section, Text: "Go back to the list"}},
	}
	if invalid := new(program.Invalid); errors.As(err, &invalid) {
		problem.Status = http.StatusBadRequest
		problem.Text = "This part of the list does not exist. Begin at its first page."
	}
	v.problem(section, problem)
}

// noPage is for paths and methods that the console does not have.
func noPage(v *visit) {
	problem := page.Problem{
		Status:  http.StatusNotFound,
		Title:   "There is no such page",
		Text:    "Check the address, or begin at the overview.",
		Actions: []page.Action{{Href: home, Text: "Go to the overview"}},
	}
	if methods := page.Methods(v.console.routes().mux, v.r); len(methods) > 0 {
		v.w.Header().Set("Allow", strings.Join(methods, ", "))
		problem.Status, problem.Title = http.StatusMethodNotAllowed, "This page cannot be used that way"
	}
	v.problem("", problem)
}

// statusOf is the status of the response to a form, for an error of the program.
func statusOf(err error) int {
	var (
		invalid       *program.Invalid
		conflict      *program.Conflict
		unprocessable *program.Unprocessable
	)
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &invalid), errors.As(err, &unprocessable):
		return http.StatusUnprocessableEntity
	case errors.As(err, &conflict):
		return http.StatusConflict
	default:
		return http.StatusNotFound
	}
}

// problemsOf splits the text of an error into the problems of a field, and those of the page. The error
// is of a field if it is one of its validation, or has one of the codes.
func problemsOf(err error, field string, codes ...program.ErrorCode) (ofField, ofPage []string) {
	if err == nil {
		return nil, nil
	}
	if invalid := new(program.Invalid); errors.As(err, &invalid) {
		return page.FieldProblems(invalid.Problems, field), nil
	}
	for _, code := range codes {
		if codeOf(err) == code {
			return []string{page.Sentence(err.Error())}, nil
		}
	}
	return nil, []string{page.Sentence(err.Error())}
}

func codeOf(err error) program.ErrorCode {
	var (
		conflict      *program.Conflict
		unprocessable *program.Unprocessable
	)
	switch {
	case errors.As(err, &conflict):
		return conflict.Code
	case errors.As(err, &unprocessable):
		return unprocessable.Code
	default:
		return ""
	}
}

// pageLength is how many rows a page of a list has.
const pageLength = 20

// page is the part of a list that the request asks for. If there cannot be such a part, it responds, and
// ok is false.
func (v *visit) page(section string) (asked program.PageQuery, ok bool) {
	position, ok := page.Position(v.r)
	if !ok {
		v.fail(section, &program.Invalid{})
	}
	return program.PageQuery{Limit: pageLength, Before: position}, ok
}

// at is a path below another, with a segment for each part.
func at(base string, parts ...string) string {
	var path strings.Builder
	path.WriteString(base)
	for _, part := range parts {
		path.WriteString("/" + url.PathEscape(part))
	}
	return path.String()
}

// A finder looks one record up.
type finder struct{ Action, Label, Value, Problem string }

// A filter is one of the values of a parameter.
type filter struct{ value, text string }

// pills are the links to the filters of a list, the first of which is the default.
func pills(label, path, parameter, current string, filters []filter) page.Pills {
	made := page.Pills{Label: label}
	for i, one := range filters {
		href := path
		if i > 0 {
			href = page.Address(path, url.Values{parameter: {one.value}})
		}
		made.Links = append(made.Links, page.Link{Href: href, Text: one.text, Current: one.value == current})
	}
	return made
}

func counted(text string, count int) string { return text + " (" + strconv.Itoa(count) + ")" }

// seconds is a time with its seconds.
func seconds(at time.Time) string { return at.UTC().Format("2 Jan 2006, 15:04:05 UTC") }
