package portal

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

//go:embed login.html
var loginSource string

// loginPage says who looks at whose account, and as whom.
var loginPage = newPage("login", loginSource, template.FuncMap{"utc": utc})

// loginView is what the page shows: a login, or why there is none.
type loginView struct {
	Title   string
	Problem string
	Login   program.Login
}

func openLogin(apps *directory.Directory, token string) (status int, shown loginView) {
	app := apps.App(program.PortalApp(token))
	if app == nil {
		return presentLogin(program.Login{}, &program.NotFound{Message: "This login link does not exist"})
	}
	return presentLogin(app.OpenLogin(token))
}

func presentLogin(login program.Login, err error) (status int, shown loginView) {
	var (
		expired *program.Expired
		denied  *program.Forbidden
	)
	switch {
	case err == nil:
		return http.StatusOK, loginView{Title: "User's account", Login: login}
	case errors.As(err, &expired):
		return http.StatusGone, loginView{Title: "Link expired", Problem: "This link is more than 10 minutes old. Log in as the user again where you got it."}
	case errors.As(err, &denied):
		return http.StatusForbidden, loginView{Title: "Access withdrawn", Problem: "The user has withdrawn the access to its account. Request access again, and log in once it is granted."}
	default:
		return http.StatusNotFound, loginView{Title: "Link unknown", Problem: "There is no account behind this link. See that it was copied whole."}
	}
}

func utc(moment time.Time) string { return moment.UTC().Format("2 January 2006, 15:04:05 UTC") }
