package console

import (
	"net"
	"net/http"
	"net/url"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
)

// signedIn is who has a session. The admin token is looked up for each request, so that a session ends
// when the app does, or has another token.
type signedIn struct{ adminToken string }

// Link makes a link that signs the holder of an admin token in. It can be used once, within
// [LinkLife]. The result is its path.
func (c *Console) Link(adminToken string) (path string) {
	return home + "/sign-in/" + c.links.add(adminToken)
}

// Secrets are the tokens of links, which no log may have.
func (c *Console) Secrets() []string { return c.links.tokens() }

// appOf is the app that an admin token is for; ok is false if there is none.
func (c *Console) appOf(adminToken string) (appID string, ok bool) {
	found, err := c.config.Directory.Find(adminToken)
	return found.AppID, err == nil && found.Kind == directory.Admin
}

// signInView is a form with a button, and with a field unless a link says who signs in.
type signInView struct {
	Text, Action string
	Problems     []string
	Token        *page.Field
}

// showLink asks for a click, so that a program which fetches each link that it sees does not use it.
func (c *Console) showLink(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	adminToken, state := c.links.look(token)
	appID, ok := c.appOf(adminToken)
	if state != linkValid || !ok {
		c.linkProblem(w, state)
		return
	}
	c.frame.Render(w, http.StatusOK, "signin", page.View{
		Title: "Sign in to the console",
		Alone: true,
		Content: signInView{
			Text:   "You sign in as the administrator of the app " + appID + ". This link can be used once.",
			Action: home + "/sign-in/" + url.PathEscape(token),
		},
	})
}

func (c *Console) redeemLink(w http.ResponseWriter, r *http.Request) {
	adminToken, state := c.links.use(r.PathValue("token"))
	if state != linkValid || !c.start(w, r, adminToken) {
		c.linkProblem(w, state)
		return
	}
	http.Redirect(w, r, home, http.StatusSeeOther)
}

// start signs in, unless the admin token is unknown.
func (c *Console) start(w http.ResponseWriter, r *http.Request, adminToken string) (ok bool) {
	appID, ok := c.appOf(adminToken)
	if ok {
		c.sessions.Start(w, r, appID, signedIn{adminToken}, page.IsHTTPS(c.config.PublicURL, r))
	}
	return ok
}

// limited limits the forms from one address, so that nobody tries tokens. A link cannot be guessed, and
// lets an administrator in even when others use the limit up.
func (c *Console) limited(signIn http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		address, _, _ := net.SplitHostPort(r.RemoteAddr) // empty for a request without a socket
		if problem := c.forms.Take(w, "sign-in "+address); problem != nil {
			c.frame.Problem(w, problem.Status, *problem)
			return
		}
		signIn(w, r)
	}
}

func (c *Console) linkProblem(w http.ResponseWriter, state linkState) {
	problem := page.Problem{
		Status:  http.StatusNotFound,
		Title:   "This sign-in link is unknown",
		Text:    "Check that it was copied whole, or sign in with the admin token of the app.",
		Actions: []page.Action{{Href: home + "/sign-in", Text: "Sign in with the admin token", Primary: true}},
	}
	switch state {
	case linkUsed:
		problem.Status, problem.Title = http.StatusGone, "This sign-in link has been used"
		problem.Text = "Each link can be used once. Get a new one where you got it, or sign in with the admin token of the app."
	case linkExpired:
		problem.Status, problem.Title = http.StatusGone, "This sign-in link has expired"
		problem.Text = "A link is valid for 15 minutes. Get a new one where you got it, or sign in with the admin token of the app."
	}
	c.frame.Problem(w, problem.Status, problem)
}

func (c *Console) showSignIn(w http.ResponseWriter, _ *http.Request) {
	c.renderSignIn(w, http.StatusOK, nil)
}

func (c *Console) renderSignIn(w http.ResponseWriter, status int, problems []string) {
	c.frame.Render(w, status, "signin", page.View{
		Title: "Sign in to the console",
		Alone: true,
		Content: signInView{
			Text:   "The console is for the administrator of an app.",
			Action: home + "/sign-in",
			Token: &page.Field{
				ID: "token", Name: "token", Label: "Admin token", Type: "password", Required: true,
				Autocomplete: "current-password", Problems: problems,
				Hint: "stackbe-mock prints it, and a link that signs in without it.",
			},
		},
	})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	form, problem := page.ReadForm(w, r)
	if problem != nil {
		c.frame.Problem(w, problem.Status, *problem)
		return
	}
	if !c.start(w, r, page.Entered(form, "token")) {
		c.renderSignIn(w, http.StatusUnauthorized, []string{"No app has this admin token."})
		return
	}
	http.Redirect(w, r, home, http.StatusSeeOther)
}

func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	c.sessions.End(w, r)
	c.frame.Render(w, http.StatusOK, "problem", page.View{
		Title: "You have signed out",
		Alone: true,
		Content: page.Problem{
			Text:    "Sign in again with a new link, or with the admin token of the app.",
			Actions: []page.Action{{Href: home + "/sign-in", Text: "Sign in with the admin token"}},
		},
	})
}
