package stackbetest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/demo"
)

// A Document is the state of a server as JSON, for a person to read and to write. docs/testing.md
// describes it. It holds secrets.
type Document string

// Snapshot returns the current state: of every app, of webhooks and deliveries, of the clock and of
// the ids. It does not have faults, requests, and the counts of rate limits.
func (s *Server) Snapshot() Document {
	s.t.Helper()
	var written bytes.Buffer
	if err := s.reference.Snapshot().Write(&written); err != nil {
		s.t.Fatalf("stackbetest: Snapshot: %v", err)
	}
	return Document(written.String())
}

// Restore replaces the state by that of a snapshot, of this server or of another. The server's clock
// shows the snapshot's time if both clocks started at the same time. The server's app is then the
// snapshot's first app, with its credentials, so make clients anew. A webhook with a handler that this
// server does not know is delivered to by its URL. An invalid document, or one without an app, fails
// the test.
//
// Do not use the server while it is restored.
func (s *Server) Restore(snapshot Document) {
	s.t.Helper()
	document, err := refserver.ReadDocument(strings.NewReader(string(snapshot)))
	if err == nil && len(document.Apps) == 0 {
		err = errors.New("the document: it has no app")
	}
	if err == nil {
		err = s.restore(document)
	}
	if err != nil {
		s.t.Fatalf("stackbetest: Restore: %v", err)
	}
}

func (s *Server) restore(document refserver.Document) error {
	if err := s.reference.Restore(document); err != nil {
		return err
	}
	s.App = s.newApp(s.reference.Apps()[0])
	return nil
}

// Seed replaces the records of apps by those of a document, which a person may have written: what it
// leaves out is empty, generated, or the default. Each record has an id. An app without an id is the
// server's app, and it keeps its credentials if the document has none. Other apps, the clock, and
// webhooks stay as they are, unless the document has them. An invalid document fails the test.
//
//	server.Seed(`{"apps": [{
//		"customers": [{"id": "cust_jane", "email": "jane@acme.com"}],
//		"partners": [{"id": "aff_jane", "customerId": "cust_jane", "code": "JANE20"}]
//	}]}`)
//
// No event is delivered for what is seeded. Do not use the server while it is seeded.
func (s *Server) Seed(document Document) {
	s.t.Helper()
	given, err := refserver.ReadDocument(strings.NewReader(string(document)))
	if err == nil {
		err = distinct(given.Apps, s.AppID)
	}
	if err == nil {
		err = s.restore(over(s.reference.Snapshot(), given, s.AppID))
	}
	if err != nil {
		s.t.Fatalf("stackbetest: Seed: %v", err)
	}
}

// distinct returns an error if an app is in a document twice.
func distinct(apps []refserver.AppDocument, own string) error {
	seen := map[string]bool{}
	for i, app := range apps {
		id := cmp.Or(app.ID, own)
		if seen[id] {
			return fmt.Errorf("apps[%d]: the app %q is there twice", i, id)
		}
		seen[id] = true
	}
	return nil
}

// over lays a document over the present state.
func over(present, given refserver.Document, own string) refserver.Document {
	merged := present
	merged.Version = cmp.Or(given.Version, present.Version)
	merged.Ahead = cmp.Or(given.Ahead, present.Ahead)
	merged.Seed = cmp.Or(given.Seed, present.Seed)
	if given.IDs != nil {
		merged.IDs = given.IDs
	}
	if given.Webhooks != nil || given.Deliveries != nil {
		merged.Document = given.Document
		for i := range merged.Webhooks {
			merged.Webhooks[i].AppID = cmp.Or(merged.Webhooks[i].AppID, own)
		}
	}
	if given.Idempotency != nil {
		merged.Idempotency = given.Idempotency
	}
	for _, app := range given.Apps {
		app.ID = cmp.Or(app.ID, own)
		merged.Apps = with(merged.Apps, app)
	}
	return merged
}

// with puts an app in the place of the one with its id, or after the others.
func with(apps []refserver.AppDocument, app refserver.AppDocument) []refserver.AppDocument {
	for i, present := range apps {
		if present.ID != app.ID {
			continue
		}
		app.APIKey = cmp.Or(app.APIKey, present.APIKey)
		app.AdminToken = cmp.Or(app.AdminToken, present.AdminToken)
		app.PortalKey = cmp.Or(app.PortalKey, present.PortalKey)
		apps[i] = app
		return apps
	}
	return append(apps, app)
}

// A DemoPartner is the partner of [App.Demo] with the richest history.
type DemoPartner struct {
	AffiliateID string
	CustomerID  string
	Email       string
	Code        string
}

// Demo plays a year of a partner program, up to the server's present time, into an app without
// records: partners of every level, users of every plan, refunds, payouts in every status. No event is
// delivered for it. With the same [WithSeed] and clock it is the same. An app with records fails the
// test.
func (a App) Demo() DemoPartner {
	a.server.t.Helper()
	partner, err := demo.Play(a.server.reference, a.AppID)
	if err != nil {
		a.server.t.Fatalf("stackbetest: Demo: %v", err)
	}
	return DemoPartner(partner)
}
