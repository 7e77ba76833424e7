package control

import "net/http"

// requests lists the newest requests, oldest first, with their credentials redacted. Those to the control
// API are not among them.
func (c *control) requests(*http.Request) (int, any, error) {
	return http.StatusOK, map[string]any{"data": c.Server.Requests.All(), "dropped": c.Server.Requests.Dropped()}, nil
}

func (c *control) clearRequests(*http.Request) (int, any, error) {
	c.Server.Requests.Clear()
	return http.StatusNoContent, nil, nil
}
