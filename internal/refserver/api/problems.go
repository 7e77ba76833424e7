package api

import (
	"fmt"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Bounds on a response to bad input, which must not grow with the input.
const (
	maxProblems = 20  // that are listed; the rest is counted
	maxName     = 40  // characters of a name that the caller has made up
	maxPath     = 200 // characters of a path
)

// bounded is the problems that are listed, and how many more there are.
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

// cut is a text of at most so many characters, and an ellipsis where some were left out.
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
