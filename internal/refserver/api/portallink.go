package api

import (
	"net"
	"net/http"
	"time"

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
	scheme := "http"
	if c.request.TLS != nil {
		scheme = "https"
	}
	return portalLinkBody{
		URL:       scheme + "://" + calledAs(c.request) + "/portal/" + link.Token,
		ExpiresAt: link.ExpiresAt,
	}
}

// calledAs is the host under which a caller reaches the server: its Host header, or else the address
// of the connection. HTTP/1.0 has no Host.
func calledAs(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	if address, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return address.String()
	}
	return "localhost"
}
