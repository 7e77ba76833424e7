// Package portal serves the pages that signed links open: a partner's portal, and the account of a
// user that a partner looks at as that user.
package portal

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

//go:embed page.html
var pageSource string

var portalPage = newPage("portal", pageSource, template.FuncMap{"money": money})

// A page is a template, and the policy that allows it its own style sheet, by its hash, and nothing
// else.
type page struct {
	template *template.Template
	policy   string
}

func newPage(name, source string, functions template.FuncMap) page {
	return page{
		template: template.Must(template.New(name).Funcs(functions).Parse(source)),
		policy: fmt.Sprintf(
			"default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			styleHash(source),
		),
	}
}

func styleHash(source string) string {
	_, rest, _ := strings.Cut(source, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// view is the content of the page: a partner's dashboard, or why there is none.
type view struct {
	Title     string
	Problem   string
	Dashboard program.Dashboard
}

// New makes the handler of GET /portal/{token}, over the programs of a directory.
func New(apps *directory.Directory, logger *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "A page can only be read", http.StatusMethodNotAllowed)
			return
		}
		token := strings.TrimPrefix(r.URL.Path, "/portal/")
		if program.IsLogin(token) {
			status, shown := openLogin(apps, token)
			loginPage.render(w, logger, status, shown)
			return
		}
		status, shown := present(open(apps, token))
		portalPage.render(w, logger, status, shown)
	})
}

// open asks the app that the link names.
func open(apps *directory.Directory, token string) (program.Dashboard, error) {
	app := apps.App(program.PortalApp(token))
	if app == nil {
		return program.Dashboard{}, &program.NotFound{Message: "This portal link does not exist"}
	}
	return app.OpenPortal(token)
}

func present(dashboard program.Dashboard, err error) (status int, _ view) {
	var expired *program.Expired
	switch {
	case err == nil:
		return http.StatusOK, view{Title: "Partner portal", Dashboard: dashboard}
	case errors.As(err, &expired):
		return http.StatusGone, view{Title: "Link expired", Problem: "This link is more than 24 hours old. Ask for a new one where you got it."}
	default:
		return http.StatusNotFound, view{Title: "Link unknown", Problem: "There is no partner portal behind this link. See that it was copied whole."}
	}
}

func (p page) render(w http.ResponseWriter, logger *slog.Logger, status int, shown any) {
	var rendered bytes.Buffer
	if err := p.template.Execute(&rendered, shown); err != nil {
		logger.Error("portal page", "error", err)
		http.Error(w, "The page could not be made", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", p.policy)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(rendered.Bytes()) // a reader that has gone away needs no page
}

// money shows an amount with two decimals and groups of three digits.
func money(amount program.Cents) string {
	whole := fmt.Sprint(int64(amount / 100))
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return fmt.Sprintf("$%s.%02d", whole, amount%100)
}
