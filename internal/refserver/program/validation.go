package program

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/internal/address"
)

// Limits on texts, in characters.
const (
	maxName            = 200
	maxCompany         = 200
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
	switch {
	case utf8.RuneCountInString(value) > address.MaxEmail:
		p.atMost(field, value, address.MaxEmail)
	case address.EmailProblem(value) != "":
		p.add("%s must be an email", field)
	}
}

// webAddress may be empty, which counts as left out.
func (p *problems) webAddress(field, value string) {
	switch {
	case value == "":
	case utf8.RuneCountInString(value) > address.MaxWeb:
		p.atMost(field, value, address.MaxWeb)
	case address.WebProblem(value) != "":
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
