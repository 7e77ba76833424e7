// Package directory knows which apps there are, and which credential speaks for whom.
package directory

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

// Kind is what a credential is for.
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
	// ExpiresAt is zero for a credential that lasts.
	ExpiresAt time.Time
}

// What [Directory.Find] fails with.
var (
	ErrUnknown = errors.New("unknown credential")
	ErrExpired = errors.New("expired credential")
)

// A Directory holds apps and credentials. It is safe for concurrent use.
type Directory struct {
	mu          sync.RWMutex
	apps        map[string]*program.Program
	credentials map[string]Credential
	expiry      timeline.Timeline[string]
}

const (
	// rememberedFor is how long a session that has expired is still told from an unknown one.
	rememberedFor = 30 * 24 * time.Hour
	// forgottenAtOnce is how many sessions a new one drops: more than the one that it adds, so
	// that those kept come down to those that matter, and no sign-in waits for many.
	forgottenAtOnce = 4
)

// New makes an empty directory.
func New() *Directory {
	return &Directory{apps: map[string]*program.Program{}, credentials: map[string]Credential{}}
}

// AddApp puts an app, with its API key and its admin token, or fails and puts nothing.
func (d *Directory) AddApp(id string, app *program.Program, apiKey, adminToken string) error {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.apps[id] != nil {
		return fmt.Errorf("there is an app with the id %q already", id)
	}
	if d.taken(apiKey) {
		return errors.New("the API key is in use already; choose another")
	}
	if d.taken(adminToken) || adminToken == apiKey {
		return errors.New("the admin token is in use already; choose another")
	}
	d.apps[id] = app
	d.credentials[apiKey] = Credential{Kind: APIKey, AppID: id}
	d.credentials[adminToken] = Credential{Kind: Admin, AppID: id}
	return nil
}

func (d *Directory) taken(token string) bool {
	_, taken := d.credentials[token]
	return taken
}

// App is the app with the id, or nil.
func (d *Directory) App(id string) *program.Program {
	d.mu.RLock()
	defer d.mu.RUnlock()

	return d.apps[id]
}

// Apps yields every app, with its id, in no order.
func (d *Directory) Apps() iter.Seq2[string, *program.Program] {
	d.mu.RLock()
	defer d.mu.RUnlock()

	return maps.All(maps.Clone(d.apps))
}

// AddSession makes a new token speak for a customer until it expires.
func (d *Directory) AddSession(token, appID, customerID string, now, expiresAt time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.forgetSessions(now)
	d.credentials[token] = Credential{Kind: Session, AppID: appID, CustomerID: customerID, ExpiresAt: expiresAt}
	d.expiry.Add(expiresAt.Add(rememberedFor), token)
}

func (d *Directory) forgetSessions(now time.Time) {
	forgotten := 0
	for token := range d.expiry.Due(now) {
		delete(d.credentials, token)
		if forgotten++; forgotten == forgottenAtOnce {
			return
		}
	}
}

// Find is the credential that a token stands for. It fails with [ErrUnknown] and [ErrExpired].
func (d *Directory) Find(token string, now time.Time) (Credential, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()

	credential, known := d.credentials[token]
	switch {
	case !known || credential.expired(now.Add(-rememberedFor)):
		return Credential{}, ErrUnknown
	case credential.expired(now):
		return Credential{}, ErrExpired
	}
	return credential, nil
}

func (c Credential) expired(now time.Time) bool {
	return !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt)
}
