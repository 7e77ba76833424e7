package api

import (
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

func listApplications(c *call) (any, error) {
	read := c.listQuery()
	var wrong []program.Problem
	status := program.Status(read.values.Get("status"))
	if read.values.Has("status") {
		wrong = program.StatusProblems(status)
	}
	asked := read.page()
	if err := read.check(wrong); err != nil {
		return nil, err
	}
	page, err := c.app.Applications(program.ApplicationQuery{Status: status, Limit: asked.Limit, Before: asked.Before})
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), program.Page[program.Application]{Rows: page.Applications, Next: page.Next}, toApplicationBody), nil
}

func getApplication(c *call) (any, error) {
	application, err := c.app.Application(c.request.PathValue("applicationID"))
	if err != nil {
		return nil, err
	}
	return toApplicationBody(application), nil
}
