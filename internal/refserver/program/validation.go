package program

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/internal/address"
)

// Limits of texts, in characters.
const (
	maxName            = 200
	maxCompany         = 200
	maxReason          = 5000
	maxNotes           = 5000
	maxRejectionReason = 1000
	maxLevelName       = 50
	maxDescription     = 200
	maxFailureReason   = 1000
)

// problems collects the problems of an input.
type problems []Problem

func (p *problems) add(kind ProblemKind, field, format string, args ...any) {
	*p = append(*p, Problem{Kind: kind, Field: field, Text: fmt.Sprintf(format, args...)})
}

func (p *problems) required(field, value string, longest int) {
	if strings.TrimSpace(value) == "" {
		p.add(ProblemMissing, field, "should not be empty")
		return
	}
	p.atMost(field, value, longest)
}

const tooLong = "must be shorter than or equal to %d characters"

func (p *problems) atMost(field, value string, longest int) {
	if utf8.RuneCountInString(value) > longest {
		p.add(ProblemValue, field, tooLong, longest)
	}
}

func (p *problems) email(field, value string) {
	switch {
	case utf8.RuneCountInString(value) > address.MaxEmail:
		p.add(ProblemEmail, field, tooLong, address.MaxEmail)
	case address.EmailProblem(value) != "":
		p.add(ProblemEmail, field, "must be an email")
	}
}

// webAddress may be empty, which counts as left out.
func (p *problems) webAddress(field, value string) {
	switch {
	case value == "":
	case utf8.RuneCountInString(value) > address.MaxWeb:
		p.atMost(field, value, address.MaxWeb)
	case address.WebProblem(value) != "":
		p.add(ProblemValue, field, "must be an http or https URL")
	}
}

// choice records that a value is not one of the valid ones, which text lists.
func (p *problems) choice(field string, ok bool, text string) {
	if !ok {
		p.add(ProblemValue, field, "%s", text)
	}
}

func between[N ~int | ~int64](p *problems, field string, value, lowest, highest N, unit N) {
	if value < lowest {
		p.add(ProblemValue, field, "must not be less than %d", lowest/unit)
	}
	if value > highest {
		p.add(ProblemValue, field, "must not be greater than %d", highest/unit)
	}
}
