package control

import (
	"net/http"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/refserver/fault"
)

func (c *control) faults(*http.Request) (int, any, error) {
	return http.StatusOK, map[string]any{"data": c.Server.Faults.List()}, nil
}

func (c *control) addFault(r *http.Request) (int, any, error) {
	asked, err := decode[fault.Fault](r)
	if err != nil {
		return 0, nil, err
	}
	id, err := c.Server.Faults.Add(asked)
	if err != nil {
		return 0, nil, &refusal{api.CodeBadRequest, cut(inJSON(err.Error()))}
	}
	added, _ := c.Server.Faults.Get(id)
	return http.StatusCreated, added, nil
}

// inJSON is a problem with a fault, which begins with the name of a field, in the words of the API.
func inJSON(problem string) string {
	field, rest, ok := strings.Cut(problem, ": ")
	if !ok || strings.Contains(field, " ") {
		return problem
	}
	return strings.ToLower(field[:1]) + field[1:] + ": " + rest
}

func (c *control) clearFaults(*http.Request) (int, any, error) {
	c.Server.Faults.Clear()
	return http.StatusNoContent, nil, nil
}

func (c *control) removeFault(r *http.Request) (int, any, error) {
	if _, known := c.Server.Faults.Remove(r.PathValue("faultID")); !known {
		return 0, nil, &refusal{api.CodeNotFound, "There is no fault with this id"}
	}
	return http.StatusNoContent, nil, nil
}
