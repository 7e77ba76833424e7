package api

import (
	"net/url"
	"strconv"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type applicationBody struct {
	ID              string         `json:"id"`
	Email           string         `json:"email"`
	Name            string         `json:"name"`
	Company         string         `json:"company,omitempty"`
	Website         string         `json:"website,omitempty"`
	Reason          string         `json:"reason,omitempty"`
	Status          program.Status `json:"status"`
	RejectionReason string         `json:"rejectionReason,omitempty"`
	AffiliateID     string         `json:"affiliateId,omitempty"`
	CreatedAt       time.Time      `json:"createdAt"`
	ReviewedAt      time.Time      `json:"reviewedAt,omitzero"`
}

func toApplicationBody(application program.Application) applicationBody {
	return applicationBody(application)
}

type applicationsBody struct {
	Data       []applicationBody `json:"data"`
	Pagination paginationBody    `json:"pagination"`
}

type paginationBody struct {
	Cursor  string `json:"cursor,omitempty"`
	HasMore bool   `json:"hasMore"`
}

const (
	defaultPageLimit = 20
	maxPageLimit     = 100
)

func listApplications(c *call) (any, error) {
	query, err := applicationQuery(c.query)
	if err != nil {
		return nil, err
	}
	page, err := c.app.Applications(query)
	if err != nil {
		return nil, err
	}
	body := applicationsBody{Data: make([]applicationBody, 0, len(page.Applications))}
	for _, application := range page.Applications {
		body.Data = append(body.Data, toApplicationBody(application))
	}
	if page.Next > 0 {
		body.Pagination = paginationBody{Cursor: encodeCursor(page.Next), HasMore: true}
	}
	return body, nil
}

// applicationQuery reads the query of a list. A parameter that is there must have a value.
func applicationQuery(values url.Values) (program.ApplicationQuery, error) {
	query := program.ApplicationQuery{Limit: defaultPageLimit}
	var problems []program.Problem
	if values.Has("status") {
		query.Status = program.Status(values.Get("status"))
		problems = append(problems, program.StatusProblems(query.Status)...)
	}
	if values.Has("limit") {
		limit, err := strconv.Atoi(values.Get("limit"))
		if err != nil || strconv.Itoa(limit) != values.Get("limit") || limit < 1 || limit > maxPageLimit {
			problems = append(problems, program.Problem{Field: "limit", Text: "must be an integer number from 1 to 100"})
		}
		query.Limit = limit
	}
	if values.Has("cursor") {
		before, ok := decodeCursor(values.Get("cursor"))
		if !ok {
			problems = append(problems, program.Problem{Field: "cursor", Text: "must be one that an earlier page gave"})
		}
		query.Before = before
	}
	if len(problems) > 0 {
		return query, &program.Invalid{Problems: problems}
	}
	return query, nil
}

func getApplication(c *call) (any, error) {
	application, err := c.app.Application(c.request.PathValue("applicationID"))
	if err != nil {
		return nil, err
	}
	return toApplicationBody(application), nil
}
