// Package refserver is the reference server: StackBE's partner program in memory, for building
// and testing without an account and without a network. docs/contract.md says what it responds.
package refserver

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"time"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/portal"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Documented limits, in requests a minute.
const (
	DefaultRateLimitPerKey     = 1000
	DefaultRateLimitPerSession = 100
)

// SessionLife is how long a session token is valid.
const SessionLife = 90 * 24 * time.Hour

// Config is how a [Server] is to be. The zero value is usable.
type Config struct {
	// Now is the only clock. It must not go backwards. Default: time.Now.
	Now func() time.Time
	// EnforceRateLimits refuses requests over the limits, which are otherwise only announced.
	EnforceRateLimits bool
	// RateLimitPerKey and RateLimitPerSession are requests a minute, for an API key or an admin
	// token, and for a session. Defaults: 1,000 and 100.
	RateLimitPerKey     int
	RateLimitPerSession int
	// SiteURL is what referral links lead to. Default: https://yoursite.com.
	SiteURL string
	// WebhookRetries is how long after each failure of a delivery the next attempt is made, as
	// [delivery.Config.RetryDelays] has it. Nil means the schedule of docs/contract.md.
	WebhookRetries []time.Duration
	// Contract is what the server speaks, as [CheckContract] takes it; the zero value is the default.
	Contract contract.Contract
	// Logger logs unexpected errors, and each attempt to deliver to a webhook. Default: none.
	Logger *slog.Logger
}

// A Server serves any number of apps. It is an http.Handler, safe for concurrent use.
type Server struct {
	http.Handler
	// Webhooks delivers the events of the apps.
	Webhooks  *delivery.Dispatcher
	config    Config
	directory *directory.Directory
}

// New makes a server without apps. Close it where webhook endpoints are added.
func New(config Config) *Server {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	config.RateLimitPerKey = cmp.Or(config.RateLimitPerKey, DefaultRateLimitPerKey)
	config.RateLimitPerSession = cmp.Or(config.RateLimitPerSession, DefaultRateLimitPerSession)
	config.SiteURL = cmp.Or(config.SiteURL, "https://yoursite.com")

	apps := directory.New()
	return &Server{
		Webhooks:  delivery.New(delivery.Config{Now: config.Now, NewID: newID, Logger: config.Logger, RetryDelays: config.WebhookRetries, SignatureHeader: config.Contract.SignatureHeader}),
		config:    config,
		directory: apps,
		Handler: api.New(api.Config{
			Directory:         apps,
			Now:               config.Now,
			NewID:             newID,
			Logger:            config.Logger,
			Portal:            portal.New(apps, config.Logger),
			PerKey:            config.RateLimitPerKey,
			PerSession:        config.RateLimitPerSession,
			EnforceRateLimits: config.EnforceRateLimits,
			Contract:          config.Contract,
		}),
	}
}

// Close ends the deliveries to webhooks. It may be called more than once.
func (s *Server) Close() { s.Webhooks.Close() }

// An App is one app of the server, with what it takes to call it.
type App struct {
	ID         string
	APIKey     string
	AdminToken string
	// Program is the app's partner program, for what the API has no endpoint for.
	Program *program.Program
}

// AppParams names an app. What is empty is made up, at random.
type AppParams struct {
	ID         string // as CheckAppID takes it
	APIKey     string // as CheckToken takes it, and so AdminToken
	AdminToken string
}

var (
	appIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	tokenPattern = regexp.MustCompile(`^[!-~]{1,255}$`)
)

// CheckAppID fails with an error that says what an app id must be.
func CheckAppID(id string) error {
	if !appIDPattern.MatchString(id) {
		return errors.New("an app id must be 1 to 255 letters, digits, _ and -")
	}
	return nil
}

// CheckToken fails with an error that says what an API key and an admin token must be. The
// error does not hold the token.
func CheckToken(token string) error {
	if !tokenPattern.MatchString(token) {
		return errors.New("a key or token must be 1 to 255 visible ASCII characters, without spaces")
	}
	return nil
}

// AddApp makes an app with an empty program. It fails when a name is unusable, or is in use.
func (s *Server) AddApp(params AppParams) (App, error) {
	id := cmp.Or(params.ID, newID("app_"))
	app := App{
		ID:         id,
		APIKey:     cmp.Or(params.APIKey, newSecret("sk_test_")),
		AdminToken: cmp.Or(params.AdminToken, newSecret("admin_")),
		Program: program.New(program.Options{
			Now:       s.config.Now,
			NewID:     newID,
			PortalKey: []byte(rand.Text()),
			SiteURL:   s.config.SiteURL,
			Listener:  func(event program.Event) { s.Webhooks.Publish(id, event) },
		}),
	}
	if err := errors.Join(CheckAppID(app.ID), CheckToken(app.APIKey), CheckToken(app.AdminToken)); err != nil {
		return App{}, fmt.Errorf("refserver: %w", err)
	}
	if err := s.directory.AddApp(app.ID, app.Program, app.APIKey, app.AdminToken); err != nil {
		return App{}, fmt.Errorf("refserver: %w", err)
	}
	return app, nil
}

// SessionToken signs a customer of an app in. The token is valid for [SessionLife]. It fails
// when the app has no such customer.
func (s *Server) SessionToken(appID, customerID string) (string, error) {
	app := s.directory.App(appID)
	if app == nil {
		return "", fmt.Errorf("there is no app %q", appID)
	}
	if !app.HasCustomer(customerID) {
		return "", fmt.Errorf("the app %q has no customer %q; create the customer first", appID, customerID)
	}
	token, now := newSecret("sess_"), s.config.Now()
	s.directory.AddSession(token, appID, customerID, now, now.Add(SessionLife))
	return token, nil
}
