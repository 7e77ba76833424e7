// Package ids makes ids and secrets from a seed.
package ids

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"maps"
	"strings"
	"sync"
)

// A Source makes texts that cannot be guessed without its seed. Each kind has a separate stream:
// the n-th text of a kind depends only on the seed, the scope, the kind and n, so that one more
// request does not change the ids of other kinds. It is safe for concurrent use.
type Source struct {
	seed, scope string

	mu    sync.Mutex
	drawn map[string]uint64
}

// New makes a source. The scope tells sources of one seed apart. drawn is how many texts of each
// kind were made before, as [Source.Drawn] gives it.
func New(seed, scope string, drawn map[string]uint64) *Source {
	s := &Source{seed: seed, scope: scope, drawn: map[string]uint64{}}
	maps.Copy(s.drawn, drawn)
	return s
}

// idLength is that of a cuid, which starts with "cm" here.
const idLength = 25

// ID makes an id: the prefix, and lower-case letters and digits. With the prefix "cm" it has the
// length of a cuid.
func (s *Source) ID(kind, prefix string) string { return prefix + s.text(kind)[:idLength-len("cm")] }

// Secret makes a secret of 130 bits: the prefix, and lower-case letters and digits.
func (s *Source) Secret(kind, prefix string) string { return prefix + s.text(kind) }

// Drawn is how many texts of each kind were made.
func (s *Source) Drawn() map[string]uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()

	return maps.Clone(s.drawn)
}

// textLength is that of crypto/rand.Text: at 5 bits a character, 130 bits.
const textLength = 26

func (s *Source) text(kind string) string {
	s.mu.Lock()
	number := s.drawn[kind]
	s.drawn[kind]++
	s.mu.Unlock()

	message := make([]byte, 0, 128)
	for _, part := range []string{s.seed, s.scope, kind} {
		message = binary.BigEndian.AppendUint64(message, uint64(len(part)))
		message = append(message, part...)
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(message, number))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20]))[:textLength]
}
