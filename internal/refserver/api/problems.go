package api

import (
	"fmt"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Limits of a response to bad input, which must not grow with the input.
const (
	maxProblems = 20  // in a response; the rest is counted
	maxName     = 40  // characters of a name that the caller has chosen
	maxPath     = 200 // characters of a path
)

// bounded returns the problems to list, and a last one that counts the rest.
func bounded(problems []program.Problem, more int) []program.Problem {
	if len(problems) > maxProblems {
		more += len(problems) - maxProblems
		problems = problems[:maxProblems:maxProblems]
	}
	switch more {
	case 0:
		return problems
	case 1:
		return append(problems, program.Problem{Text: "and 1 more problem"})
	default:
		return append(problems, program.Problem{Text: fmt.Sprintf("and %d more problems", more)})
	}
}

// cut shortens a text to max characters, with an ellipsis if some were left out.
func cut(text string, longest int) string {
	if len(text) <= longest {
		return text
	}
	end := 0
	for range longest {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
		if end == len(text) {
			return text
		}
	}
	return text[:end] + "…"
}
