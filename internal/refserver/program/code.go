package program

import (
	"regexp"
	"strings"
)

var codePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{3,32}$`)

// parseCode gives a referral code the form in which codes are shown and compared.
func parseCode(code string) (string, bool) {
	if !codePattern.MatchString(code) {
		return "", false
	}
	return strings.ToUpper(code), true
}

// affiliateWithCode is the partner that a code belongs to, or nil.
func (p *Program) affiliateWithCode(code string) *affiliate {
	canonical, ok := parseCode(code)
	if !ok {
		return nil
	}
	return p.affiliatesByCode[canonical]
}

const (
	codeStemLength   = 12
	codeSuffixLength = 6
)

// newCode makes a free code that a person recognises: JANE-X4K7QD for Jane Smith.
func (p *Program) newCode(name string) string {
	stem := codeStem(name)
	for {
		id := strings.ToUpper(p.newID(idPrefix))
		code := stem + "-" + id[len(id)-codeSuffixLength:]
		if p.affiliatesByCode[code] == nil {
			return code
		}
	}
}

// codeStem is the ASCII letters and digits of the first name. Others are left out rather than
// folded, since what they fold into is a letter that the name does not have.
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
