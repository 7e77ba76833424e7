// Package directory knows which apps there are, and which credential speaks for whom.
package directory

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Kind is the kind of a credential.
type Kind string

// The kinds of credentials.
const (
	APIKey  Kind = "API key"
	Session Kind = "customer session token"
	Admin   Kind = "admin token"
)

// A Credential speaks for an app, for a customer of it, or for its administrator.
type Credential struct {
	Kind  Kind
	AppID string
	// CustomerID is set for a session.
	CustomerID string
}

// The errors of [Directory.Find].
var (
	ErrUnknown = errors.New("unknown credential")
	ErrExpired = errors.New("expired credential")
)

// An App is a program and the credentials that last.
type App struct {
	ID         string
	APIKey     string
	AdminToken string
	Program    *program.Program
}

// A Directory holds apps and their credentials; sessions are those of the programs. It is safe for
// concurrent use.
type Directory struct {
	mu          sync.RWMutex
	apps        []App // in the order in which they were added
	byID        map[string]*program.Program
	credentials map[string]Credential
}

// New makes an empty directory.
func New() *Directory {
	return &Directory{byID: map[string]*program.Program{}, credentials: map[string]Credential{}}
}

// AddApp adds an app, or returns an error and adds nothing.
func (d *Directory) AddApp(app App) error {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.byID[app.ID] != nil {
		return fmt.Errorf("there is an app with the id %q already", app.ID)
	}
	if d.taken(app.APIKey) {
		return errors.New("the API key is in use already; choose another")
	}
	if d.taken(app.AdminToken) || app.AdminToken == app.APIKey {
		return errors.New("the admin token is in use already; choose another")
	}
	d.apps = append(d.apps, app)
	d.byID[app.ID] = app.Program
	d.credentials[app.APIKey] = Credential{Kind: APIKey, AppID: app.ID}
	d.credentials[app.AdminToken] = Credential{Kind: Admin, AppID: app.ID}
	return nil
}

func (d *Directory) taken(token string) bool {
	_, taken := d.credentials[token]
	return taken
}

// Become takes over the content of another directory, which must not be used any more.
func (d *Directory) Become(other *Directory) {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.apps, d.byID, d.credentials = other.apps, other.byID, other.credentials
}

// App is the program of the app with the id, or nil.
func (d *Directory) App(id string) *program.Program {
	d.mu.RLock()
	defer d.mu.RUnlock()

	return d.byID[id]
}

// Apps yields every app, in the order in which they were added.
func (d *Directory) Apps() iter.Seq[App] {
	d.mu.RLock()
	defer d.mu.RUnlock()

	return slices.Values(d.apps[:len(d.apps):len(d.apps)])
}

// Find is the credential that a token stands for. It fails with [ErrUnknown] and [ErrExpired].
func (d *Directory) Find(token string) (Credential, error) {
	if credential, known := d.lasting(token); known {
		return credential, nil
	}
	appID, _ := program.SessionApp(token)
	app := d.App(appID)
	if app == nil {
		return Credential{}, ErrUnknown
	}
	session, err := app.Session(token)
	if expired := new(program.Expired); errors.As(err, &expired) {
		return Credential{}, ErrExpired
	}
	if err != nil {
		return Credential{}, ErrUnknown
	}
	return Credential{Kind: Session, AppID: appID, CustomerID: session.CustomerID}, nil
}

func (d *Directory) lasting(token string) (credential Credential, known bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()

	credential, known = d.credentials[token]
	return credential, known
}
