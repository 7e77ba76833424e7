package referralcode_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/referralcode"
)

func TestCanonicalIsUpperCase(t *testing.T) {
	for code, want := range map[string]string{
		"JANE20": "JANE20", "jane20": "JANE20", "a_b": "A_B", "---": "---", "000": "000",
		strings.Repeat("z", 32): strings.Repeat("Z", 32),
	} {
		got, ok := referralcode.Canonical(code)
		assert.True(t, ok, code)
		assert.Equal(t, want, got)
	}
}

func TestCanonicalRefusesOtherTexts(t *testing.T) {
	for name, code := range map[string]string{
		"empty": "", "two characters": "ab", "33 characters": strings.Repeat("a", 33),
		"a space": "JANE 20", "a line break": "JANE20\n", "a semicolon": "JANE;20", "a dot": "JANE.20", "a null byte": "JANE\x00",
		"a long s, whose upper case is S": "\u017fAM20", "a Kelvin sign": "\u212aIM20", "an umlaut": "J\u00c4NE", "invalid UTF-8": "JANE\xff",
		"the neighbors of the letters": "@[`{", "the neighbors of the digits": "/:/:",
	} {
		canonical, ok := referralcode.Canonical(code)
		assert.False(t, ok, name)
		assert.Empty(t, canonical, name)
	}
}
