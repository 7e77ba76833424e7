package api

import "github.com/stackbe/stackbe-go/internal/refserver/badge"

// badgeBody is a picture for the partner's own site, and the picture inside a link.
type badgeBody struct {
	SVG  string `json:"svg"`
	HTML string `json:"html"`
}

func getBadge(c *call) (any, error) {
	info, err := c.app.Info(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	return badgeBody(badge.New(info)), nil
}
