package api

import (
	"net/url"
	"strconv"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// pageBody is one page of a list.
type pageBody[T any] struct {
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

// toPageBody returns the body of a page of a list.
func toPageBody[T, V any](of list, page program.Page[T], as func(T) V) pageBody[V] {
	body := pageBody[V]{Data: make([]V, 0, len(page.Rows))}
	for _, row := range page.Rows {
		body.Data = append(body.Data, as(row))
	}
	if page.Next > 0 {
		body.Pagination = paginationBody{Cursor: of.encodeCursor(page.Next), HasMore: true}
	}
	return body
}

// A listQuery reads the query of a list and collects its problems. A parameter that is given must have
// a value.
type listQuery struct {
	list     list
	values   url.Values
	problems []program.Problem
}

func (c *call) listQuery() *listQuery { return &listQuery{list: c.list(), values: c.query} }

func (q *listQuery) wrong(name, text string) {
	q.problems = append(q.problems, program.Problem{Field: name, Text: text})
}

func (q *listQuery) text(name string) string {
	value := q.values.Get(name)
	if value == "" && q.values.Has(name) {
		q.wrong(name, "should not be empty")
	}
	return value
}

func (q *listQuery) time(name string) time.Time {
	if !q.values.Has(name) {
		return time.Time{}
	}
	value, err := time.Parse(time.RFC3339Nano, q.values.Get(name))
	if err != nil {
		q.wrong(name, "must be a time such as 2026-01-31T00:00:00Z")
	} else if value.IsZero() { // which would count as not given
		q.wrong(name, "must not be the zero time, 0001-01-01T00:00:00Z")
	}
	return value.UTC()
}

func (q *listQuery) page() program.PageQuery {
	page := program.PageQuery{Limit: defaultPageLimit}
	if q.values.Has("limit") {
		limit, err := strconv.Atoi(q.values.Get("limit"))
		if err != nil || strconv.Itoa(limit) != q.values.Get("limit") || limit < 1 || limit > maxPageLimit {
			q.wrong("limit", "must be an integer number from 1 to 100")
		}
		page.Limit = limit
	}
	if q.values.Has("cursor") {
		before, ok := q.list.decodeCursor(q.values.Get("cursor"))
		if !ok {
			q.wrong("cursor", "must be one that an earlier page gave")
		}
		page.Before = before
	}
	return page
}

// check returns all problems, with the form of the parameters and with their values.
func (q *listQuery) check(values []program.Problem) error {
	if problems := append(values, q.problems...); len(problems) > 0 {
		return &program.Invalid{Problems: problems}
	}
	return nil
}
