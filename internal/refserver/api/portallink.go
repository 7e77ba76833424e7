package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type portalLinkBody struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func portalLink(c *call) (any, error) {
	link, err := c.app.PortalLink(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	return c.portalLinkBody(link), nil
}

func (c *call) portalLinkBody(link program.PortalLink) portalLinkBody {
	return portalLinkBody{
		URL:       page.Origin(c.publicURL, c.request) + "/portal/" + link.Token,
		ExpiresAt: link.ExpiresAt,
	}
}
