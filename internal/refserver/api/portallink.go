package api

import "time"

type portalLinkBody struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func portalLink(c *call) (any, error) {
	link, err := c.app.PortalLink(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	scheme := "http"
	if c.request.TLS != nil {
		scheme = "https"
	}
	return portalLinkBody{
		URL:       scheme + "://" + c.request.Host + "/portal/" + link.Token,
		ExpiresAt: link.ExpiresAt,
	}, nil
}
