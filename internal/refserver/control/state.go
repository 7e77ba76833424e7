package control

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/api"
)

func (c *control) snapshot(*http.Request) (int, any, error) {
	return http.StatusOK, c.Server.Snapshot(), nil
}

func (c *control) restore(r *http.Request) (int, any, error) {
	if err := checkJSON(r); err != nil {
		return 0, nil, err
	}
	document, err := refserver.ReadDocument(r.Body)
	if err == nil {
		err = c.Server.Restore(document)
	}
	if err != nil {
		return 0, nil, &refusal{api.CodeBadRequest, cut(err.Error())}
	}
	return http.StatusNoContent, nil, nil
}

// reset returns to the state at the start, without faults and requests.
func (c *control) reset(*http.Request) (int, any, error) {
	if err := c.Server.Restore(c.Initial); err != nil {
		return 0, nil, err
	}
	c.Server.Faults.Clear()
	c.Server.Requests.Clear()
	return http.StatusNoContent, nil, nil
}
