package program

import "strings"

// Invalid says that the input cannot be used. It names every problem, not only the first.
type Invalid struct {
	Problems []string
}

func (e *Invalid) Error() string { return strings.Join(e.Problems, "; ") }

// Conflict says that the input is fine by itself, but not with what the program already holds.
type Conflict struct {
	Message string
}

func (e *Conflict) Error() string { return e.Message }

// NotFound says that what the input names does not exist.
type NotFound struct {
	Message string
}

func (e *NotFound) Error() string { return e.Message }

// Expired says that what the input names has existed, and is no longer valid.
type Expired struct {
	Message string
}

func (e *Expired) Error() string { return e.Message }

func invalid(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return &Invalid{Problems: problems}
}
