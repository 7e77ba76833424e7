package program

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Limits on texts, in characters.
const (
	maxEmail           = 254
	maxName            = 200
	maxCompany         = 200
	maxURL             = 2048
	maxReason          = 5000
	maxNotes           = 5000
	maxRejectionReason = 1000
	maxLevelName       = 50
)

// problems collects what is wrong with an input, in the wording of NestJS's validator.
type problems []string

func (p *problems) add(format string, args ...any) {
	*p = append(*p, fmt.Sprintf(format, args...))
}

func (p *problems) required(field, value string, longest int) {
	if strings.TrimSpace(value) == "" {
		p.add("%s should not be empty", field)
		return
	}
	p.atMost(field, value, longest)
}

func (p *problems) atMost(field, value string, longest int) {
	if utf8.RuneCountInString(value) > longest {
		p.add("%s must be shorter than or equal to %d characters", field, longest)
	}
}

func (p *problems) email(field, value string) {
	if utf8.RuneCountInString(value) > maxEmail {
		p.atMost(field, value, maxEmail)
		return
	}
	if !isEmail(value) {
		p.add("%s must be an email", field)
	}
}

func (p *problems) webAddress(field, value string) {
	if value == "" {
		return
	}
	p.atMost(field, value, maxURL)
	if address, err := url.Parse(value); err != nil || address.Hostname() == "" || (address.Scheme != "http" && address.Scheme != "https") {
		p.add("%s must be an http or https URL", field)
	}
}

func between[N ~int | ~int64](p *problems, field string, value, lowest, highest N, unit N) {
	if value < lowest {
		p.add("%s must not be less than %d", field, lowest/unit)
	}
	if value > highest {
		p.add("%s must not be greater than %d", field, highest/unit)
	}
}
