package api

import (
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func accessRoutes() []route {
	const path = "/v1/affiliate/access"
	return []route{
		{http.MethodGet, path, directory.Session, []string{"status", "limit", "cursor"}, http.StatusOK, listAccesses},
		{http.MethodPost, path + "/{accessID}", directory.Session, nil, http.StatusOK, decideAccess},
	}
}

type accessBody struct {
	ID             string               `json:"id"`
	AffiliateID    string               `json:"affiliateId"`
	AffiliateName  string               `json:"affiliateName,omitempty"`
	AffiliateEmail string               `json:"affiliateEmail"`
	UserID         string               `json:"userId"`
	UserEmail      string               `json:"userEmail"`
	Status         program.AccessStatus `json:"status"`
	RequestedAt    time.Time            `json:"requestedAt"`
	DecidedAt      time.Time            `json:"decidedAt,omitzero"`
}

func toAccessBody(access program.AccessView) accessBody {
	return accessBody{
		ID:             access.ID,
		AffiliateID:    access.AffiliateID,
		AffiliateName:  access.AffiliateName,
		AffiliateEmail: access.AffiliateEmail,
		UserID:         access.UserID,
		UserEmail:      access.UserEmail,
		Status:         access.Status,
		RequestedAt:    access.RequestedAt,
		DecidedAt:      access.DecidedAt,
	}
}

func listAccesses(c *call) (any, error) {
	read := c.listQuery()
	query := program.AccessQuery{Status: program.AccessStatus(read.text("status")), PageQuery: read.page()}
	if err := read.check(query.Problems()); err != nil {
		return nil, err
	}
	page, err := c.app.Accesses(c.credential.CustomerID, query)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toAccessBody), nil
}

func decideAccess(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	body.require("action")
	action := program.AccessAction(body.text("action"))
	if err := body.check(program.AccessActionProblems(action)); err != nil {
		return nil, err
	}
	access, err := c.app.DecideAccess(c.credential.CustomerID, c.request.PathValue("accessID"), action)
	if err != nil {
		return nil, err
	}
	return toAccessBody(access), nil
}
