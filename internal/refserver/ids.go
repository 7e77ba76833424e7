package refserver

import (
	"encoding/base64"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

// serverScope is the scope of ids that belong to no app. No app has this id.
const serverScope = ""

// sow makes ids from a seed, and continues after those of the document.
func (s *Server) sow(seed string, drawn map[string]uint64) {
	s.seed = seed
	s.ids.Store(ids.New(seed, serverScope, drawn))
}

// newID makes an id with a prefix for its kind.
func (s *Server) newID(prefix string) string { return s.ids.Load().ID(prefix, prefix) }

// secretUnless returns the given secret, or a new one with a prefix for its kind.
func (s *Server) secretUnless(given, prefix string) string {
	if given != "" {
		return given
	}
	return s.ids.Load().Secret(prefix, prefix)
}

// newWebhookSecret makes a secret that signs in every scheme.
func (s *Server) newWebhookSecret() string {
	key := s.ids.Load().Secret("webhook secret", "")
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(key))
}
