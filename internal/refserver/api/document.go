package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

// A KeptDocument is the JSON of the response that is kept for an idempotency key.
type KeptDocument struct {
	Token string `json:"token"` // of the caller
	Key   string `json:"key"`
	// Request identifies the request among others under the key.
	Request   []byte          `json:"request"`
	Status    int             `json:"status"`
	Body      json.RawMessage `json:"body"`
	ExpiresAt time.Time       `json:"expiresAt"`
}

// HoldKeys blocks requests with idempotency keys until release is called. Meanwhile the effect of
// each request is there together with its response, or neither is.
func (h *Handler) HoldKeys() (release func()) {
	h.idempotency.running.Lock()
	return h.idempotency.running.Unlock
}

// Document returns the responses that are kept, in the order in which they expire.
func (h *Handler) Document() []KeptDocument {
	i := &h.idempotency
	i.mu.Lock()
	defer i.mu.Unlock()

	var all []KeptDocument
	for kept := range i.expiry.All() {
		all = append(all, KeptDocument{
			Token:     kept.key.token,
			Key:       kept.key.key,
			Request:   kept.fingerprint[:],
			Status:    kept.response.status,
			Body:      kept.response.body,
			ExpiresAt: kept.expiresAt.Round(0).UTC(),
		})
	}
	return all
}

// A Kept is a document that was read, for [Handler.Restore].
type Kept struct{ all []*firstRequest }

// Read reads a document without changing anything. It returns an error that says what is invalid.
func Read(document []KeptDocument) (Kept, error) {
	var read Kept
	for i, kept := range document {
		var body bytes.Buffer
		if err := json.Compact(&body, kept.Body); err != nil {
			return Kept{}, fmt.Errorf("[%d]: body: %w", i, err)
		}
		if len(kept.Request) != sha256.Size || kept.ExpiresAt.IsZero() || kept.Status < 100 || kept.Status > 599 {
			return Kept{}, fmt.Errorf("[%d]: %w", i, errors.New("the request, the status or the expiry is invalid"))
		}
		read.all = append(read.all, &firstRequest{
			key:         idempotencyKey{kept.Token, kept.Key},
			fingerprint: [sha256.Size]byte(kept.Request),
			response:    &response{status: kept.Status, body: body.Bytes()},
			expiresAt:   kept.ExpiresAt,
		})
	}
	return read, nil
}

// Restore replaces the responses that are kept with those that were read.
func (h *Handler) Restore(read Kept) {
	i := &h.idempotency
	i.mu.Lock()
	defer i.mu.Unlock()

	i.first, i.expiry, i.size = map[idempotencyKey]*firstRequest{}, timeline.Timeline[*firstRequest]{}, 0
	for _, kept := range read.all {
		kept.done = make(chan struct{})
		close(kept.done)
		i.first[kept.key] = kept
		i.keep(kept, kept.response, kept.expiresAt)
	}
}
