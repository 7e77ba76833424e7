package api

import (
	"strconv"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// listBody is one page of a list.
type listBody[T any] struct {
	Data       []T            `json:"data"`
	Pagination paginationBody `json:"pagination"`
}

type paginationBody struct {
	Cursor  string `json:"cursor,omitempty"`
	HasMore bool   `json:"hasMore"`
}

const (
	defaultPageLimit = 20
	maxPageLimit     = 100
)

func toListBody[T, B any](page program.Page[T], toBody func(T) B) listBody[B] {
	body := listBody[B]{Data: make([]B, 0, len(page.Rows))}
	for _, item := range page.Rows {
		body.Data = append(body.Data, toBody(item))
	}
	if page.Next > 0 {
		body.Pagination = paginationBody{Cursor: encodeCursor(page.Next), HasMore: true}
	}
	return body
}

// page reads which page of a list is asked for. problems are those of the list's own parameters. A
// parameter that is there must have a value.
func (c *call) page(problems ...program.Problem) (program.PageQuery, error) {
	asked := program.PageQuery{Limit: defaultPageLimit}
	if c.query.Has("limit") {
		limit, err := strconv.Atoi(c.query.Get("limit"))
		if err != nil || strconv.Itoa(limit) != c.query.Get("limit") || limit < 1 || limit > maxPageLimit {
			problems = append(problems, program.Problem{Field: "limit", Text: "must be an integer number from 1 to 100"})
		}
		asked.Limit = limit
	}
	if c.query.Has("cursor") {
		before, ok := decodeCursor(c.query.Get("cursor"))
		if !ok {
			problems = append(problems, program.Problem{Field: "cursor", Text: "must be one that an earlier page gave"})
		}
		asked.Before = before
	}
	if len(problems) > 0 {
		return asked, &program.Invalid{Problems: problems}
	}
	return asked, nil
}
