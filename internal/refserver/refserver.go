// Package refserver is the reference server: StackBE's partner program in memory, for building and
// testing without an account and without a network. docs/contract.md describes its responses.
package refserver

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/refserver/console"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/fault"
	"github.com/stackbe/stackbe-go/internal/refserver/ids"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/portal"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// Documented limits, in requests a minute.
const (
	DefaultRateLimitPerKey     = 1000
	DefaultRateLimitPerSession = 100
)

// SessionLife is how long a session token is valid.
const SessionLife = program.SessionLife

// Config is how a [Server] is to be. The zero value is usable.
type Config struct {
	// Now is the clock that [Server.Advance] adds to. It must not go backwards. Default: time.Now.
	Now func() time.Time
	// Seed is the seed of ids, keys and tokens: with the same seed, the same calls have the same
	// results, except for the cookies of browsers. Whoever knows it knows every other secret that the
	// server generates. Default: a random one.
	Seed string
	// EnforceRateLimits refuses requests over the limits, which are otherwise only announced.
	EnforceRateLimits bool
	// RateLimitPerKey and RateLimitPerSession are requests a minute, for an API key or an admin
	// token, and for a session. Defaults: 1,000 and 100.
	RateLimitPerKey     int
	RateLimitPerSession int
	// SiteURL is the target of referral links. Default: https://yoursite.com.
	SiteURL string
	// PublicURL is the address under which browsers reach the server, such as
	// "https://partners.example.com": links to pages begin with it, as [CheckPublicURL] takes it.
	// Default: the host that the request for the link was sent to. Headers of a proxy, such as
	// X-Forwarded-Host, are ignored, so that a server behind one needs a PublicURL.
	PublicURL string
	// WebhookRetries is how long after each failure of a delivery the next attempt is made, as
	// [delivery.Config.RetryDelays] has it. Nil means the schedule of docs/contract.md.
	WebhookRetries []time.Duration
	// Contract is the contract that the server follows, see [CheckContract]; the zero value is the
	// default.
	Contract contract.Contract
	// Logger logs unexpected errors, and each attempt to deliver to a webhook. Default: none.
	Logger *slog.Logger
	// UnknownRoute, unless nil, is called for a request whose method and path the server does not
	// have, before the response. The path has no credentials.
	UnknownRoute func(method, path string)
}

// A Server serves any number of apps. It is an http.Handler, safe for concurrent use. Each request is
// logged, then may go wrong by a fault, then reaches the programs.
type Server struct {
	// Webhooks delivers the events of the apps.
	Webhooks *delivery.Dispatcher
	// Requests are the newest requests.
	Requests *requests.Log
	// Faults make requests go wrong.
	Faults fault.Injector

	config    Config
	clock     *clock
	directory *directory.Directory
	api       *api.Handler
	portal    *portal.Handler
	console   *console.Console

	ids atomic.Pointer[ids.Source]

	advancing sync.Mutex

	mu      sync.Mutex // held while apps are added and documents restored
	seed    string
	changes uint64 // apps that were added, documents that were restored, and the changes before those
}

// CheckPublicURL returns an error if text is not a valid [Config].PublicURL. An empty one is valid.
func CheckPublicURL(text string) error {
	if text == "" {
		return nil
	}
	return page.CheckPublicURL(text)
}

// New makes a server without apps. Close it if webhook endpoints are added. It panics if the public URL
// is invalid.
func New(config Config) *Server {
	if err := CheckPublicURL(config.PublicURL); err != nil {
		panic("refserver: " + err.Error())
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	config.RateLimitPerKey = cmp.Or(config.RateLimitPerKey, DefaultRateLimitPerKey)
	config.RateLimitPerSession = cmp.Or(config.RateLimitPerSession, DefaultRateLimitPerSession)
	config.SiteURL = cmp.Or(config.SiteURL, "https://yoursite.com")

	s := &Server{config: config, clock: &clock{base: config.Now}, directory: directory.New()}
	s.sow(cmp.Or(config.Seed, rand.Text()), nil)
	s.Webhooks = delivery.New(delivery.Config{Now: s.Now, NewID: s.newID, Logger: config.Logger, RetryDelays: config.WebhookRetries, SignatureHeader: config.Contract.SignatureHeader})
	s.portal = portal.New(portal.Config{
		Directory:      s.directory,
		Now:            s.Now,
		Logger:         config.Logger,
		Contract:       config.Contract.Complete(),
		PublicURL:      config.PublicURL,
		FormsPerMinute: config.formsPerMinute(),
	})
	s.console = console.New(console.Config{
		Directory:        s.directory,
		Webhooks:         s.Webhooks,
		Now:              s.Now,
		SessionNow:       config.Now,
		NewWebhookSecret: s.newWebhookSecret,
		Requests:         func() *requests.Log { return s.Requests },
		PublicURL:        config.PublicURL,
		FormsPerMinute:   config.formsPerMinute(),
		Logger:           config.Logger,
	})
	s.api = api.New(api.Config{
		Directory: s.directory,
		Now:       s.Now,
		NewID:     s.newID,
		Logger:    config.Logger,
		Pages: map[string]http.Handler{
			"assets":  page.Assets(),
			"console": s.console,
			"portal":  s.portal,
		},
		PublicURL:         config.PublicURL,
		PerKey:            config.RateLimitPerKey,
		PerSession:        config.RateLimitPerSession,
		EnforceRateLimits: config.EnforceRateLimits,
		Contract:          config.Contract,
		UnknownRoute:      s.unknownRoute,
	})
	s.Requests = requests.New(requests.Config{
		Now:               s.Now,
		RequestIDHeader:   s.api.Contract.RequestIDHeader,
		CredentialHeaders: []string{s.api.Contract.APIKeyHeader, s.api.Contract.SessionHeader, s.api.Contract.AdminHeader},
		Secrets:           s.secrets,
	})
	return s
}

// ServeHTTP responds to one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.Requests.Serve(w, r, s.serve) }

func (s *Server) serve(w *requests.Recorder, r *http.Request) {
	acting, id, acts := s.Faults.Take(r)
	if !acts {
		s.api.ServeHTTP(w, r)
		return
	}
	w.Fault = id
	requests.Attribute(w, s.api.AppOf(r)) // the fault may respond in place of the API
	s.api.Prepare(w)
	acting.Serve(w, r, s.api)
}

func (s *Server) unknownRoute(r *http.Request) {
	if s.config.UnknownRoute != nil {
		s.config.UnknownRoute(r.Method, requests.Text(r.URL.Path))
	}
}

// secrets are the credentials that last, and the secrets of webhooks.
func (s *Server) secrets() []string {
	return slices.Concat(s.Webhooks.Secrets(), s.console.Secrets(), s.credentials())
}

func (s *Server) credentials() (all []string) {
	for app := range s.directory.Apps() {
		all = append(all, app.APIKey, app.AdminToken)
	}
	return all
}

// formsPerMinute is how many forms of pages one person may send in a minute; 0 means any number.
func (c Config) formsPerMinute() int {
	if !c.EnforceRateLimits {
		return 0
	}
	return c.RateLimitPerSession
}

// Close ends the deliveries to webhooks. It may be called more than once.
func (s *Server) Close() { s.Webhooks.Close() }

// An App is one app of the server, with its credentials.
type App struct {
	ID         string
	APIKey     string
	AdminToken string
	// Program is the app's partner program, for actions that have no endpoint.
	Program *program.Program
}

// AppParams names an app. Empty fields are generated at random.
type AppParams struct {
	ID         string // as CheckAppID takes it
	APIKey     string // as CheckToken takes it, and so AdminToken
	AdminToken string
}

// maxCredential is how many characters an app id, an API key and an admin token may have.
const maxCredential = 255

// consistsOf reports whether a text has 1 to maxCredential characters, and only such. A regular
// expression with this count takes a millisecond to compile.
func consistsOf(text string, such func(c byte) bool) bool {
	for i := range len(text) {
		if !such(text[i]) {
			return false
		}
	}
	return text != "" && len(text) <= maxCredential
}

func isOfAppID(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

func isVisible(c byte) bool { return '!' <= c && c <= '~' }

// CheckAppID returns an error if id is not a valid app id.
func CheckAppID(id string) error {
	if !consistsOf(id, isOfAppID) {
		return errors.New("an app id must be 1 to 255 letters, digits, _ and -")
	}
	return nil
}

// CheckToken returns an error if token is not a valid API key or admin token. The error does
// not hold the token.
func CheckToken(token string) error {
	if !consistsOf(token, isVisible) {
		return errors.New("a key or token must be 1 to 255 visible ASCII characters, without spaces")
	}
	return nil
}

// AddApp makes an app with an empty program. It fails when a name is unusable, or is in use.
func (s *Server) AddApp(params AppParams) (App, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	id := params.ID
	if id == "" {
		id = s.newID("app_")
	}
	app := App{
		ID:         id,
		APIKey:     s.secretUnless(params.APIKey, "sk_test_"),
		AdminToken: s.secretUnless(params.AdminToken, "admin_"),
		Program:    s.newProgram(id),
	}
	if err := app.check(); err != nil {
		return App{}, fmt.Errorf("refserver: %w", err)
	}
	if err := s.directory.AddApp(directory.App(app)); err != nil {
		return App{}, fmt.Errorf("refserver: %w", err)
	}
	s.changes++
	return app, nil
}

func (a App) check() error {
	return errors.Join(CheckAppID(a.ID), CheckToken(a.APIKey), CheckToken(a.AdminToken))
}

func (s *Server) newProgram(appID string) *program.Program {
	source := ids.New(s.seed, appID, nil)
	return program.New(program.Options{
		AppID:     appID,
		Now:       s.Now,
		IDs:       source,
		PortalKey: program.NewPortalKey(source),
		SiteURL:   s.config.SiteURL,
		Listener:  func(event program.Event) { s.Webhooks.Publish(appID, event) },
	})
}

// Apps are the apps, in the order in which they were added.
func (s *Server) Apps() []App {
	var all []App
	for app := range s.directory.Apps() {
		all = append(all, App(app))
	}
	return all
}

// App is the app with the id; it is zero if there is none.
func (s *Server) App(id string) App {
	for app := range s.directory.Apps() {
		if app.ID == id {
			return App(app)
		}
	}
	return App{}
}

// SessionToken signs a customer of an app in. The token is valid for [SessionLife]. It fails
// when the app has no such customer.
func (s *Server) SessionToken(appID, customerID string) (string, error) {
	app := s.directory.App(appID)
	if app == nil {
		return "", fmt.Errorf("there is no app %q", appID)
	}
	session, err := app.SignIn(customerID)
	if err != nil {
		return "", fmt.Errorf("the app %q has no customer %q; create the customer first", appID, customerID)
	}
	return session.Token, nil
}

// ConsoleLink makes a link that signs in to the console of an app, and returns its path: it begins with
// "/console/". The link is valid for 15 minutes of the server's clock, and can be used once. It returns
// an error if there is no such app.
func (s *Server) ConsoleLink(appID string) (path string, err error) {
	app := s.App(appID)
	if app.ID == "" {
		return "", fmt.Errorf("there is no app %q", appID)
	}
	return s.console.Link(app.AdminToken), nil
}
