package claimstest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stackbe/stackbe-go/webhooks"
)

// oddIDs are ids, all different, that stores are known to mix up or to stumble over.
var oddIDs = slices.Concat([]string{
	// By letter case, within and beyond ASCII.
	"a", "A", "É", "é", "ß", "ss", "ẞ", "ı", "i", "I", "İ", "k", "\u212a", "s", "ſ", "ς", "σ", "Σ",
	// By Unicode equivalence, or by invisible characters.
	"e\u0301", "Å", "\u212b", "ﬁ", "fi", "①", "1", "ａ", "\u200b", "a\u200b", "a\u200d", "a\u00ad", "\ufeffa", "\u202e",
	// By spaces at the ends, or within.
	"a ", " a", "a\t", "\ta", "a\n", "a\r\n", "\u00a0a", "a\u00a0", "a\u3000", "a  b", "a b", "ab", " ",
	// By control characters.
	"a\x01", "a\x7f", "a\x1b[0m", "a\u0085",
	// By characters that do not fit into one byte, or three, of a character set.
	"€", "?", "日本語", "🙂", "🙃", "\uf643", "\U0010ffff", "\ufffd", "\ufffd\ufffd",
	// As numbers, or as words of a language.
	"0", "00", "-0", "-1", "+1", "01", "1.0", "1e0", "0x1", "null", "NULL", "nil", "true", "undefined", "NaN",
	// By quoting and escaping.
	"'", "''", `"`, `""`, `"a"`, "`", `\`, `\\`, `\n`, `\u0061`, "%", "%%", "%61", "%41", "_", "*", "?*", "[a]", "{a}", "$1", ":a", "@a", "#", "--", ";", "&", "&amp;", "<a>",
	"'; DROP TABLE webhook_claims; --",
	// By separators, and as paths.
	"a/b", "a//b", "a/./b", "a/../b", "b", "../a", "./a", "/a", "a/", "a:b", "a|b", "a,b", "a+b", "a%20b", "a.b", "a_b", "a-b",
	// By a prefix, or as a UUID.
	"evt_1", "EVT_1", "evt_", "evt_evt_1", "123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000", "123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}",
	// By the hash of an id that is given as one, or that has the same hash.
	"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", // SHA-256 of "a"
	"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}, collisions, []string{
	// By length, or by where they differ: at the front, in the middle or at the end.
	strings.Repeat("x", 255), strings.Repeat("x", 256), strings.Repeat("x", 254) + "y",
	strings.Repeat("🙂", 255), strings.Repeat("🙂", 254) + "🙃",
	strings.Repeat("y", 10_000), strings.Repeat("y", 9_999) + "z", strings.Repeat("y", 5_000) + "z" + strings.Repeat("y", 4_999), "z" + strings.Repeat("y", 9_999),
	strings.Repeat("y", 70_000), strings.Repeat("y", 69_999) + "z",
})

// collisions are ids that share a hash that is too short to tell events apart.
var collisions = []string{
	"Aa", "BB", // h*31 + c, of Java
	"B@",                   // with "Aa" h*33 + c
	"stressed", "desserts", // the sum of the bytes, or their XOR
	"599430bd25", "f7633dd321", // CRC-32
	"5a142a5546", "5f9e54009d", // CRC-32C
	"70c639df5e", "598b3e71ec", // Adler-32
	"56f9b1360d", "afda0f6fd0", // FNV-1
	"4eec63d480", "0875f77f3c", // FNV-1a
	"evt_2399", "evt_108060", // MurmurHash3
	"evt_9713", "evt_36122", // the first 4 bytes of SHA-256
	"evt_20397", "evt_21854", // its last 4
	"evt_32792", "evt_70589", // the first 4 of SHA-1
	"evt_1908", "evt_55839", // the first 4 of MD5
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
