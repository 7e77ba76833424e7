// Package page is what the partner's portal and the admin's console have in common: the frame of a
// page with its style sheet and script, components such as tiles, tables, forms and charts, sessions
// in cookies, and the protection of forms.
//
// A page is a template that defines "content". Every function of a page works without its script. No
// page has a style or a script inside of it, and none loads anything from elsewhere.
package page

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed templates
var templateFiles embed.FS

// A Site is a set of pages with one navigation.
type Site struct {
	// Name is shown on each page: "Partner portal".
	Name string
	// Home is the path of the first page.
	Home string
	// SignOut is the path that a POST signs out at.
	SignOut  string
	Sections []Section
}

// A Section is an item of the navigation.
type Section struct{ Path, Name, Icon string }

// A View is what is shown on one page.
type View struct {
	Title string
	Lead  string // a sentence below the title; may be empty
	// Section is the path of the current item of the navigation.
	Section string
	Account Account
	Flash   *Flash
	Back    *Link    // to the page above; may be nil
	Actions []Action // beside the title
	// Counts are numbers of open items beside the sections, by their paths. 0 is not shown.
	Counts map[string]int
	// At is the time of the server, which is shown at the foot.
	At time.Time
	// Alone leaves out the navigation, for a page that nobody is signed in at.
	Alone bool
	// Wide gives a page that is alone the width of others.
	Wide    bool
	Content any
}

// An Account is who is signed in.
type Account struct{ Name, Detail string }

// A Frame renders the pages of a site. It is safe for concurrent use.
type Frame struct {
	site   Site
	pages  map[string]func() *template.Template
	logger *slog.Logger
}

// NewFrame returns a frame for the pages in the files of a folder: "users.html" is the page "users". A
// file whose name begins with "_" has templates that the pages share. A page is read when it is first
// rendered, so that a server whose pages nobody opens starts fast; Render panics if it is not a template.
// functions are those of the pages beyond the ones of this package; it may be nil.
func NewFrame(site Site, files fs.FS, functions template.FuncMap, logger *slog.Logger) *Frame {
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		panic(err)
	}
	common := sync.OnceValue(func() *template.Template { return readCommon(files, functions) })
	pages := map[string]func() *template.Template{}
	add := func(files fs.FS, name string) {
		pages[strings.TrimSuffix(path.Base(name), ".html")] = sync.OnceValue(func() *template.Template {
			return template.Must(template.Must(common().Clone()).ParseFS(files, name))
		})
	}
	add(templateFiles, "templates/problem.html")
	for _, name := range names {
		if !strings.HasPrefix(name, "_") {
			add(files, name)
		}
	}
	return &Frame{site: site, pages: pages, logger: logger}
}

// readCommon reads the templates that the pages share.
func readCommon(files fs.FS, functions template.FuncMap) *template.Template {
	common := template.Must(template.New("").Funcs(componentFunctions()).Funcs(functions).
		ParseFS(templateFiles, "templates/layout.html", "templates/components.html"))
	if shared, _ := fs.Glob(files, "_*.html"); len(shared) > 0 { // the pattern is valid
		template.Must(common.ParseFS(files, shared...))
	}
	return common
}

// Render responds with a page.
func (f *Frame) Render(w http.ResponseWriter, status int, name string, view View) {
	var rendered bytes.Buffer
	shown := struct {
		Site Site
		View View
	}{f.site, view}
	if err := f.pages[name]().ExecuteTemplate(&rendered, "layout", shown); err != nil {
		f.logger.Error("page", "name", name, "error", err)
		plain(w, http.StatusInternalServerError, "The page could not be made. The log of the server says why.\n")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(rendered.Bytes()) // a reader that has gone away needs no page
}

// A Problem is why there is no page, and what the reader can do.
type Problem struct {
	Status  int
	Title   string
	Text    string
	Actions []Action
}

// Problem responds with a page that says why there is no other, to a reader who may be a stranger.
func (f *Frame) Problem(w http.ResponseWriter, status int, problem Problem) {
	f.Render(w, status, "problem", View{Title: problem.Title, Alone: true, Content: problem})
}

// ProblemIn responds with a page that says why there is no other, in the frame of a reader who is
// signed in.
func (f *Frame) ProblemIn(w http.ResponseWriter, view View, problem Problem) {
	view.Title, view.Lead, view.Content = problem.Title, "", problem
	f.Render(w, problem.Status, "problem", view)
}
