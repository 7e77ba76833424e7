package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func number(count int) string { return strconv.Itoa(count) }

type usersView struct {
	Rows  []program.User
	Pills page.Pills
	Pager page.Pager
	Empty page.Empty
}

func (v *visit) userQuery(asked program.PageQuery) program.UserQuery {
	return program.UserQuery{Having: program.SubscriptionStatus(v.r.URL.Query().Get("filter")), PageQuery: asked}
}

func (v *visit) users() {
	users, err := v.app.Users(v.me(), v.userQuery(v.page()))
	if err != nil {
		v.fail(err)
		return
	}
	counts, err := v.app.UserCounts(v.me())
	if err != nil {
		v.fail(err)
		return
	}
	empty := page.Empty{
		Icon: "users", Title: "No users yet",
		Text:    "Share your referral link, create an account for a client, or add a client who has signed up in the last 7 days.",
		Actions: []page.Action{{Href: subAccountPath, Text: "Create sub account", Primary: true}, {Href: addUserPath, Text: "Add user"}},
	}
	if v.isFiltered("filter") {
		empty = page.Empty{Icon: "check", Title: "No user needs attention here", Text: "None of your users has such a container.", Actions: []page.Action{{Href: usersPath, Text: "Show all users"}}}
	}
	v.render(http.StatusOK, "users", page.View{
		Title: "Users", Section: usersPath,
		Lead: "The clients that you have brought. Each pays for its own containers.",
		Actions: []page.Action{
			v.csv(),
			{Href: addUserPath, Text: "Add user", Icon: "link"},
			{Href: subAccountPath, Text: "Create sub account", Icon: "plus", Primary: true},
		},
		Content: usersView{
			Rows: users.Rows,
			Pills: v.pills("Filter the users", "filter",
				page.Option{Text: "All (" + number(counts.All) + ")"},
				page.Option{Value: "limit_exceeded", Text: "With exceeded limit (" + number(counts.LimitExceeded) + ")"},
				page.Option{Value: "error", Text: "With error containers (" + number(counts.Errors) + ")"}),
			Pager: page.NewPager(v.r, len(users.Rows), users.Next),
			Empty: empty,
		},
	})
}

type userView struct {
	User       program.User
	Containers []program.EarningSubscription
	Pager      page.Pager
}

func (v *visit) user() {
	id := v.r.PathValue("userID")
	user, err := v.app.User(v.me(), id)
	if err != nil {
		v.fail(err)
		return
	}
	containers, err := v.app.UserSubscriptions(v.me(), id, v.page())
	if err != nil {
		v.fail(err)
		return
	}
	v.render(http.StatusOK, "user", page.View{
		Title: cmp.Or(user.Name, user.Email), Section: usersPath, Lead: "The user pays for its own containers.",
		Back:    &page.Link{Href: usersPath, Text: "Users"},
		Content: userView{User: user, Containers: containers.Rows, Pager: page.NewPager(v.r, len(containers.Rows), containers.Next)},
	})
}

func userPath(id string) string { return usersPath + "/" + url.PathEscape(id) }

func (v *visit) requestAccess(url.Values) {
	id := v.r.PathValue("userID")
	access, err := v.app.RequestAccess(v.me(), id)
	if err != nil {
		v.fail(err)
		return
	}
	v.done("Access is requested. You can log in as "+access.UserEmail+" once the user grants it.", userPath(id))
}

// logInAs logs in as a user without a link that an address bar would show.
func (v *visit) logInAs(url.Values) {
	link, err := v.app.LogInAs(v.me(), v.r.PathValue("userID"))
	if err != nil {
		v.fail(err)
		return
	}
	v.startLogin(v.w, v.r, v.profile.Affiliate.ID, link.Token)
	redirect(v.w, asUserPath)
}

// A formView is a form of one or more fields, with the problems that belong to none of them.
type formView struct {
	Action   string
	Submit   string
	Cancel   string
	Problems []string
	Fields   []page.Field
}

// A formPage is a page with a form.
type formPage struct {
	title, lead, section string
	back                 page.Link
	action, submit       string
	fields               func(form url.Values) []page.Field
}

// show responds with the form, with what was entered in it, and what is wrong with it.
func (f formPage) show(v *visit, form url.Values, err error) {
	status := http.StatusOK
	view := formView{Action: f.action, Submit: f.submit, Cancel: f.back.Href, Fields: f.fields(form)}
	var (
		invalid  *program.Invalid
		conflict *program.Conflict
		missing  *program.NotFound
		denied   *program.Forbidden
	)
	switch {
	case err == nil:
	case errors.As(err, &invalid):
		status = http.StatusUnprocessableEntity
		for i := range view.Fields {
			view.Fields[i].Problems = page.FieldProblems(invalid.Problems, view.Fields[i].Name)
		}
		view.Problems = []string{"Nothing was saved yet. Correct what is marked below."}
	case errors.As(err, &conflict):
		status, view.Problems = http.StatusConflict, []string{page.Sentence(conflict.Message)}
	case errors.As(err, &missing):
		status, view.Problems = http.StatusNotFound, []string{page.Sentence(missing.Message)}
	case errors.As(err, &denied):
		status, view.Problems = http.StatusForbidden, []string{page.Sentence(denied.Message)}
	default:
		v.fail(err)
		return
	}
	v.render(status, "form", page.View{Title: f.title, Lead: f.lead, Section: f.section, Back: &f.back, Content: view})
}

var subAccount = formPage{
	title: "Create sub account", section: usersPath,
	lead:   "You give your client's email, and the account is created for it. The client pays for its own containers.",
	back:   page.Link{Href: usersPath, Text: "Users"},
	action: subAccountPath, submit: "Create sub account",
	fields: func(form url.Values) []page.Field {
		return []page.Field{
			{ID: "email", Name: "email", Label: "Client's email", Type: "email", Value: page.Entered(form, "email"), Required: true, Autocomplete: "off"},
			{ID: "name", Name: "name", Label: "Client's name", Type: "text", Value: page.Entered(form, "name"), Optional: true, Autocomplete: "off"},
		}
	},
}

func (v *visit) subAccountForm() { subAccount.show(v, nil, nil) }

func (v *visit) createSubAccount(form url.Values) {
	user, err := v.app.CreateSubAccount(v.me(), program.SubAccountParams{Email: page.Entered(form, "email"), Name: page.Entered(form, "name")})
	if err != nil {
		subAccount.show(v, form, err)
		return
	}
	v.done("The account of "+user.Email+" is created.", userPath(user.ID))
}

var addingUser = formPage{
	title: "Add user", section: usersPath,
	lead:   "You add a client who has an account already. It must have signed up within the last 7 days, and be no partner's user yet.",
	back:   page.Link{Href: usersPath, Text: "Users"},
	action: addUserPath, submit: "Add user",
	fields: func(form url.Values) []page.Field {
		return []page.Field{{ID: "email", Name: "email", Label: "Email of the existing account", Type: "email", Value: page.Entered(form, "email"), Required: true, Autocomplete: "off"}}
	},
}

func (v *visit) addUserForm() { addingUser.show(v, nil, nil) }

func (v *visit) addUser(form url.Values) {
	user, err := v.app.LinkUser(v.me(), page.Entered(form, "email"))
	if err != nil {
		addingUser.show(v, form, err)
		return
	}
	v.done(user.Email+" is your user now.", userPath(user.ID))
}
