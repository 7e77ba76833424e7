package api

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/timeline"
)

const (
	responsesKeptFor  = 24 * time.Hour
	maxIdempotencyKey = 255

	// Limits of the responses that are kept. Beyond them, the oldest is forgotten.
	maxKept      = 50_000
	maxKeptBytes = 32 << 20
	// keptOverhead is about the size of a kept response without its body and its key.
	keptOverhead = 256
	// forgottenAtOnce is how many expired responses one request drops. It is more than one, so
	// that expired responses do not pile up, and few, so that no request waits for long.
	forgottenAtOnce = 4
)

// idempotency keeps the first response to a key, and replays it. It is safe for concurrent use.
type idempotency struct {
	// running is held for reading while a request with a key runs, until its response is kept.
	running sync.RWMutex

	mu     sync.Mutex
	first  map[idempotencyKey]*firstRequest
	expiry timeline.Timeline[*firstRequest] // the requests whose response is kept
	size   int                              // of these responses, in bytes
}

type idempotencyKey struct {
	token string
	key   string
}

// firstRequest is the first request under a key. Its response may be read once done is closed;
// it is nil if the response is not kept.
type firstRequest struct {
	key         idempotencyKey
	fingerprint [sha256.Size]byte
	done        chan struct{}
	response    *response
	expiresAt   time.Time // zero until the response is kept
}

func (f *firstRequest) size() int {
	return keptOverhead + len(f.key.token) + len(f.key.key) + len(f.response.body)
}

func newIdempotency() idempotency {
	return idempotency{first: map[idempotencyKey]*firstRequest{}}
}

// once runs a request, unless its key has a response already.
func (h *Handler) once(w http.ResponseWriter, r *http.Request, token string, body []byte, run func() *response) *response {
	key, given := h.idempotencyKeyOf(r)
	if !given {
		return run()
	}
	if !usableKey(key) {
		return refuse(codeBadRequest, h.Contract.IdempotencyHeader+" must be 1 to 255 visible ASCII characters")
	}
	got, replayed := h.idempotency.do(r.Context(), idempotencyKey{token, key}, fingerprint(r, body), h.Now, run)
	if replayed {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	return got
}

// idempotencyKeyOf reads X-Idempotency-Key as well, unless another header is configured.
func (h *Handler) idempotencyKeyOf(r *http.Request) (key string, given bool) {
	names := []string{h.Contract.IdempotencyHeader}
	if strings.EqualFold(names[0], "Idempotency-Key") {
		names = append(names, "X-Idempotency-Key")
	}
	for _, name := range names {
		if values := r.Header.Values(name); len(values) > 0 {
			return values[0], true
		}
	}
	return "", false
}

func usableKey(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxIdempotencyKey
}

// fingerprint identifies a request. Each part is prefixed with its length, so that different
// requests are hashed from different bytes.
func fingerprint(r *http.Request, body []byte) (sum [sha256.Size]byte) {
	hash := sha256.New()
	for _, part := range [][]byte{[]byte(r.Method), []byte(r.URL.EscapedPath()), []byte(r.URL.RawQuery), body} {
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		hash.Write(part)
	}
	hash.Sum(sum[:0])
	return sum
}

// do runs the first request under a key, and returns its response to later ones. One that
// arrives while the first is in flight waits for it, and takes its place if the response is not kept.
func (i *idempotency) do(ctx context.Context, key idempotencyKey, print [sha256.Size]byte, now func() time.Time, run func() *response) (_ *response, replayed bool) {
	for {
		first, mine := i.begin(key, print, now())
		if mine {
			return i.lead(first, now, run), false
		}
		if first.fingerprint != print {
			return refuse(codeIdempotencyKeyReused, "This idempotency key was used for another request; a new request needs a new key"), false
		}
		select {
		case <-first.done:
		case <-ctx.Done():
			return refuse(codeServiceUnavailable, "The request was canceled while an earlier one with the same idempotency key was in flight"), false
		}
		if first.response != nil {
			return first.response, true
		}
	}
}

// begin returns the first request under a key; mine says whether it is this one.
func (i *idempotency) begin(key idempotencyKey, print [sha256.Size]byte, now time.Time) (first *firstRequest, mine bool) {
	i.mu.Lock()
	defer i.mu.Unlock()

	i.forgetExpired(now)
	if first := i.first[key]; first != nil && (first.expiresAt.IsZero() || now.Before(first.expiresAt)) {
		return first, false
	}
	first = &firstRequest{key: key, fingerprint: print, done: make(chan struct{})}
	i.first[key] = first
	return first, true
}

// lead runs the first request. Those that wait for it continue, whatever the result.
func (i *idempotency) lead(first *firstRequest, now func() time.Time, run func() *response) (got *response) {
	i.running.RLock()
	defer i.running.RUnlock()
	defer func() {
		i.mu.Lock()
		defer i.mu.Unlock()

		if got == nil || got.status >= http.StatusInternalServerError {
			i.abandon(first) // run has failed, or has panicked: the next request runs
		} else {
			i.keep(first, got, now().Add(responsesKeptFor))
		}
		close(first.done)
	}()
	return run()
}

// keep keeps a response, and drops the oldest while there are too many.
func (i *idempotency) keep(first *firstRequest, got *response, expiresAt time.Time) {
	first.response, first.expiresAt = got, expiresAt
	i.expiry.Add(expiresAt, first)
	i.size += first.size()
	for i.expiry.Len() > maxKept || i.size > maxKeptBytes {
		oldest, _ := i.expiry.Next()
		i.forget(oldest)
	}
}

func (i *idempotency) forgetExpired(now time.Time) {
	forgotten := 0
	for expired := range i.expiry.Due(now) {
		i.forget(expired)
		if forgotten++; forgotten == forgottenAtOnce {
			return
		}
	}
}

// forget drops a response that is no longer in the timeline. Its key may belong to another request by now.
func (i *idempotency) forget(first *firstRequest) {
	i.size -= first.size()
	i.abandon(first)
}

// abandon drops a request whose response is not kept.
func (i *idempotency) abandon(first *firstRequest) {
	if i.first[first.key] == first {
		delete(i.first, first.key)
	}
}
