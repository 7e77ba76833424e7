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
	answersKeptFor    = 24 * time.Hour
	maxIdempotencyKey = 255

	// Bounds on the responses that are kept. Beyond them, the oldest is forgotten.
	maxKept      = 50_000
	maxKeptBytes = 32 << 20
	// keptOverhead is about what a response takes beside its body and its key.
	keptOverhead = 256
	// forgottenAtOnce is how many expired responses one request drops. It is more than the one
	// that it adds, so none waits for long, and no request waits for many.
	forgottenAtOnce = 4
)

// idempotency keeps the first response to a key, and sends it again. It is safe for concurrent use.
type idempotency struct {
	// running is held for reading while a request with a key runs, until its response is kept.
	running sync.RWMutex

	mu     sync.Mutex
	first  map[idempotencyKey]*firstRequest
	expiry timeline.Timeline[*firstRequest] // those whose response is kept
	size   int                              // of those, in bytes
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
	answer      *answer
	expiresAt   time.Time // zero until the response is kept
}

func (f *firstRequest) size() int {
	return keptOverhead + len(f.key.token) + len(f.key.key) + len(f.answer.body)
}

func newIdempotency() idempotency {
	return idempotency{first: map[idempotencyKey]*firstRequest{}}
}

// once runs a request, unless its key has a response already.
func (h *Handler) once(w http.ResponseWriter, r *http.Request, token string, body []byte, run func() *answer) *answer {
	key, given := h.idempotencyKeyOf(r)
	if !given {
		return run()
	}
	if !usableKey(key) {
		return refuse(codeBadRequest, h.Contract.IdempotencyHeader+" must be 1 to 255 visible ASCII characters")
	}
	answer, replayed := h.idempotency.do(r.Context(), idempotencyKey{token, key}, fingerprint(r, body), h.Now, run)
	if replayed {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	return answer
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

// fingerprint tells requests apart. Each part has its length before it, so that no two
// requests run together to the same bytes.
func fingerprint(r *http.Request, body []byte) (sum [sha256.Size]byte) {
	hash := sha256.New()
	for _, part := range [][]byte{[]byte(r.Method), []byte(r.URL.EscapedPath()), []byte(r.URL.RawQuery), body} {
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		hash.Write(part)
	}
	hash.Sum(sum[:0])
	return sum
}

// do runs the first request under a key, and gives its response to those that follow. One that
// arrives while the first is in flight waits for it, and takes its place if the response is not kept.
func (i *idempotency) do(ctx context.Context, key idempotencyKey, print [sha256.Size]byte, now func() time.Time, run func() *answer) (_ *answer, replayed bool) {
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
			return refuse(codeServiceUnavailable, "The request was given up while an earlier one with the same idempotency key was in flight"), false
		}
		if first.answer != nil {
			return first.answer, true
		}
	}
}

// begin is the first request under a key; mine tells that it is this one.
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

// lead runs the first request. Whatever becomes of it, those that wait for it go on.
func (i *idempotency) lead(first *firstRequest, now func() time.Time, run func() *answer) (got *answer) {
	i.running.RLock()
	defer i.running.RUnlock()
	defer func() {
		i.mu.Lock()
		defer i.mu.Unlock()

		if got == nil || got.status >= http.StatusInternalServerError {
			i.abandon(first) // run has failed, or has panicked: the next request tries again
		} else {
			i.keep(first, got, now().Add(answersKeptFor))
		}
		close(first.done)
	}()
	return run()
}

// keep keeps a response, and forgets the oldest while there are too many.
func (i *idempotency) keep(first *firstRequest, got *answer, expiresAt time.Time) {
	first.answer, first.expiresAt = got, expiresAt
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

// forget forgets a response that is no longer in the timeline. Its key may be another's by now.
func (i *idempotency) forget(first *firstRequest) {
	i.size -= first.size()
	i.abandon(first)
}

// abandon forgets a request whose response is not kept.
func (i *idempotency) abandon(first *firstRequest) {
	if i.first[first.key] == first {
		delete(i.first, first.key)
	}
}
