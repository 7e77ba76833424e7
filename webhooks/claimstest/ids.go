package claimstest

import (
	"strings"
	"testing"

	"github.com/stackbe/stackbe-go/webhooks"
)

// oddIDs are ids, all different, that stores are known to mix up or to stumble over:
// by letter case, trailing spaces, Unicode equivalence, truncation, or quoting.
var oddIDs = []string{
	"a", "A", "a ", " a", "a\t", "a\n",
	"é", "e\u0301", "É", "ß", "ss", "ı", "i", "I", "\u200b", "a\u200b",
	"0", "00", "-1", "1e3", "null", "NULL", "true", "undefined",
	"'", "''", `"`, "`", `\`, `\\`, "%", "%%", "_", "*", "?", "[a]", "{a}", "$1", ":a", "@a", "#", "--", ";",
	"a/b", "a:b", "a|b", "../a", "a,b", "a b", "a+b", "a%20b",
	"'; DROP TABLE webhook_claims; --",
	"日本語", "🙂", "🙃", "\u202e", "\U0010ffff",
	"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	strings.Repeat("x", 255), strings.Repeat("x", 256), strings.Repeat("x", 254) + "y",
	strings.Repeat("🙂", 255), strings.Repeat("🙂", 254) + "🙃",
	strings.Repeat("y", 10_000), strings.Repeat("y", 9_999) + "z",
}

var idTests = []test{
	{"events whose ids differ in one character are different events", func(t *testing.T, s *store) {
		tokens := make(map[string]string)
		for _, id := range oddIDs {
			tokens[id] = s.claim(t, id)
		}
		for i, id := range oddIDs {
			s.refuse(t, id, webhooks.ErrInFlight)
			if i%2 == 0 {
				s.done(t, id, tokens[id])
			} else {
				s.release(t, id, tokens[id])
			}
		}
		for i, id := range oddIDs {
			if i%2 == 0 {
				s.refuse(t, id, webhooks.ErrDone)
			} else {
				s.claim(t, id)
			}
		}
	}},
}
