package program

import (
	"net/mail"
	"strings"
	"unicode"
)

// emailKey is an email in the form in which emails are compared.
type emailKey string

func keyOf(email string) emailKey {
	return emailKey(strings.ToLower(email))
}

// isEmail accepts a bare address whose domain has a dot: no display name, no comment, no
// quoting, no address literal.
func isEmail(email string) bool {
	if strings.ContainsFunc(email, unicode.IsControl) {
		return false
	}
	address, err := mail.ParseAddress(email)
	if err != nil || address.Address != email {
		return false
	}
	domain := email[strings.LastIndexByte(email, '@')+1:]
	return strings.Contains(domain, ".") && !strings.HasPrefix(domain, "[")
}
