package refserver

import "github.com/stackbe/stackbe-go/internal/refserver/ids"

// serverScope is the scope of ids that belong to no app. No app has this id.
const serverScope = ""

// sow makes ids of a seed, from where the document left off.
func (s *Server) sow(seed string, drawn map[string]uint64) {
	s.seed = seed
	s.ids.Store(ids.New(seed, serverScope, drawn))
}

// newID makes an id whose prefix says what it is of.
func (s *Server) newID(prefix string) string { return s.ids.Load().ID(prefix, prefix) }

// secretUnless is what was given, or a secret whose prefix says what it is for.
func (s *Server) secretUnless(given, prefix string) string {
	if given != "" {
		return given
	}
	return s.ids.Load().Secret(prefix, prefix)
}
