package program

import (
	"strings"

	"github.com/stackbe/stackbe-go/internal/referralcode"
)

// parseCode returns a referral code in the form in which codes are shown and compared.
func parseCode(code string) (string, bool) { return referralcode.Canonical(code) }

// withCode returns the partner that a code belongs to, if any.
func (p partners) withCode(code string) (partner Partner, known bool) {
	canonical, ok := parseCode(code)
	if !ok {
		return Partner{}, false
	}
	return p.byCode.get(canonical)
}

const (
	codeStemLength   = 12
	codeSuffixLength = 6
)

// newCode makes a free code that a person recognizes: JANE-X4K7QD for Jane Smith.
func (s *state) newCode(name string) string {
	stem := codeStem(name)
	for {
		code := stem + "-" + strings.ToUpper(s.ids.Secret("code", ""))[:codeSuffixLength]
		if !s.partners.byCode.has(code) {
			return code
		}
	}
}

// codeStem returns the ASCII letters and digits of the first name. Others are left out rather than
// folded: folding would add letters that the name does not have.
func codeStem(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	stem := strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, first)
	if stem == "" {
		return "PARTNER"
	}
	return stem[:min(len(stem), codeStemLength)]
}
