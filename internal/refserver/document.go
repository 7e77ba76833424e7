package refserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/duration"
	"github.com/stackbe/stackbe-go/internal/refserver/ids"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A Document is the state of a server, for [Server.Restore]. It is written as JSON, and may be
// written by hand: fields that are left out are empty or generated. It holds secrets.
type Document struct {
	Version int `json:"version"` // documentVersion; 0 means that as well
	// Ahead is how far the clock was advanced.
	Ahead duration.Text `json:"ahead,omitempty"`
	// Seed is the seed of the ids, and IDs is how many of each kind were made that belong to no
	// app.
	Seed string            `json:"seed,omitempty"`
	IDs  map[string]uint64 `json:"ids,omitempty"`
	Apps []AppDocument     `json:"apps,omitempty"`
	delivery.Document
	Idempotency []api.KeptDocument `json:"idempotency,omitempty"` // oldest first
}

// An AppDocument is the state of an app. Empty ids and credentials are generated, as by
// [Server.AddApp].
type AppDocument struct {
	ID         string `json:"id"`
	APIKey     string `json:"apiKey"`
	AdminToken string `json:"adminToken"`
	program.Document
}

const documentVersion = 1

// Snapshot returns the current state. Commands wait at most while the rows of an app are copied;
// those with idempotency keys wait until the snapshot is taken. The snapshot does not have the
// counts of rate limits and the misbehavior of deliveries.
func (s *Server) Snapshot() Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.api.HoldKeys()()

	document := Document{Version: documentVersion, Seed: s.seed}
	for app := range s.directory.Apps() {
		// So an event is either in the outbox or delivered, and not on its way from one to the other.
		defer app.Program.HoldEvents()()
		document.Apps = append(document.Apps, AppDocument{app.ID, app.APIKey, app.AdminToken, app.Program.Document()})
	}
	document.Document = s.Webhooks.Document(func(appID string) bool { return s.directory.App(appID) != nil })
	document.Idempotency = s.api.Document()
	document.IDs = s.ids.Load().Drawn()
	document.Ahead = duration.Text(s.clock.ahead.Load()) // last, so that no record is of the future
	return document
}

// Restore replaces the state by that of a document. If the document is invalid, it returns an error
// that says why, and changes nothing. An app keeps its Program, which has the new state. An app
// that is not in the document is removed.
func (s *Server) Restore(document Document) error {
	s.advancing.Lock()
	defer s.advancing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.api.HoldKeys()()

	read, err := s.read(document)
	if err != nil {
		return fmt.Errorf("the document: %w", err)
	}
	s.changes += s.presentChanges() + 1 // so that the sum never falls, whatever the restore takes away
	s.seed = read.seed
	s.ids.Store(read.ids)
	s.clock.ahead.Store(int64(document.Ahead))
	for i, app := range read.apps {
		app.Program.Restore(read.states[i])
	}
	credentials := s.credentials()
	s.directory.Become(read.directory)
	replaced := s.Webhooks.Restore(read.deliveries)
	s.Requests.Replaced(append(replaced, credentials...)) // now that no request can meet them any more
	s.api.Restore(read.kept)
	s.portal.Clear()
	for _, app := range read.apps {
		app.Program.Deliver()
	}
	return nil
}

// Changes is a number that grows with each change of the state that a document has, also where a restore
// removes an app or sets the clock back. It does not grow with the counts of ids, the kept responses, and
// what is done to webhooks: those change only with a request that may write.
func (s *Server) Changes() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.changes + s.presentChanges()
}

// presentChanges is how often what there is now has changed. It falls with a restore.
func (s *Server) presentChanges() uint64 {
	count := s.Webhooks.Changes() + s.clock.moves.Load()
	for app := range s.directory.Apps() {
		count += app.Program.Changes()
	}
	return count
}

// reading is a document that was read.
type reading struct {
	seed       string
	now        time.Time // where the document's clock stands
	ids        *ids.Source
	apps       []App
	states     []program.State
	directory  *directory.Directory
	deliveries delivery.Read
	kept       api.Kept
}

func (s *Server) read(document Document) (reading, error) {
	if cmp.Or(document.Version, documentVersion) != documentVersion {
		return reading{}, fmt.Errorf("version: it must be %d", documentVersion)
	}
	if document.Ahead < 0 {
		return reading{}, fmt.Errorf("ahead: %w", ErrBackwards)
	}
	fresh := &clock{base: s.config.Now}
	farther := int64(document.Ahead) > s.clock.ahead.Load() // or it is where the clock, which may stand still, has been
	if farther && !fresh.reaches(time.Duration(document.Ahead)) {
		return reading{}, fmt.Errorf("ahead: %w", ErrTooFar)
	}
	fresh.ahead.Store(int64(document.Ahead))
	if err := checkTimes(document); err != nil {
		return reading{}, err
	}
	read := reading{
		seed:      cmp.Or(document.Seed, s.seed),
		now:       fresh.now(),
		directory: directory.New(),
	}
	read.ids = ids.New(read.seed, serverScope, document.IDs)
	for i, given := range document.Apps {
		if err := read.app(s, given); err != nil {
			return reading{}, fmt.Errorf("apps[%d]: %w", i, err)
		}
	}
	for i, webhook := range document.Webhooks {
		if read.directory.App(webhook.AppID) == nil {
			return reading{}, fmt.Errorf("webhooks[%d]: there is no app %q", i, webhook.AppID)
		}
	}
	var err error
	if read.deliveries, err = s.Webhooks.Read(document.Document); err != nil {
		return reading{}, err
	}
	if read.kept, err = api.Read(document.Idempotency); err != nil {
		return reading{}, fmt.Errorf("idempotency%w", err)
	}
	return read, nil
}

func (r *reading) app(s *Server, given AppDocument) error {
	app := App{
		ID:         given.ID,
		APIKey:     given.APIKey,
		AdminToken: given.AdminToken,
		Program:    s.directory.App(given.ID),
	}
	if app.ID == "" {
		app.ID = r.ids.ID("app_", "app_")
	}
	if app.APIKey == "" {
		app.APIKey = r.ids.Secret("sk_test_", "sk_test_")
	}
	if app.AdminToken == "" {
		app.AdminToken = r.ids.Secret("admin_", "admin_")
	}
	if app.Program == nil {
		app.Program = s.newProgram(app.ID)
	}
	if err := app.check(); err != nil {
		return err
	}
	if err := r.directory.AddApp(directory.App(app)); err != nil {
		return err
	}
	state, err := app.Program.Read(given.Document, r.seed, r.now)
	r.apps, r.states = append(r.apps, app), append(r.states, state)
	return err
}

// Write writes a document as JSON, for a person to read.
func (d Document) Write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}

// ReadDocument reads a document as JSON. A field that no document has is an error.
func ReadDocument(from io.Reader) (Document, error) {
	content, err := io.ReadAll(from)
	if err != nil {
		return Document{}, fmt.Errorf("the document: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	var document Document
	if err := decoder.Decode(&document); err != nil {
		return Document{}, fmt.Errorf("the document: %w", unreadable(content, err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Document{}, errors.New("the document: there is more text after it")
	}
	return document, nil
}

// unreadable says what is wrong with the JSON of a document, for the person who wrote it.
func unreadable(content []byte, err error) error {
	line := func(offset int64) int {
		return 1 + bytes.Count(content[:min(offset, int64(len(content)))], []byte("\n"))
	}
	var (
		syntax *json.SyntaxError
		of     *json.UnmarshalTypeError
	)
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %w", line(syntax.Offset), err)
	case errors.As(err, &of) && of.Field == "":
		return errors.New("it must be a JSON object")
	case errors.As(err, &of):
		field := strings.ReplaceAll(of.Field, "Document.", "") // an embedded struct, which is not in the JSON
		return fmt.Errorf("line %d: %s must not be a %s", line(of.Offset), field, of.Value)
	case isUnknown:
		return errors.New("unknown field " + unknown)
	}
	return err
}
