package control

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type sessionRequest struct {
	CustomerID string `json:"customerId"`
	// AppID is that of the first app if it is empty.
	AppID string `json:"appId"`
}

type sessionBody struct {
	CustomerID   string    `json:"customerId"`
	SessionToken string    `json:"sessionToken"`
	ExpiresAt    time.Time `json:"expiresAt"`
}

// createSession signs a customer in.
func (c *control) createSession(r *http.Request) (int, any, error) {
	asked, err := decode[sessionRequest](r)
	if err != nil {
		return 0, nil, err
	}
	if asked.CustomerID == "" {
		return 0, nil, &program.Invalid{Problems: []program.Problem{{Kind: program.ProblemMissing, Field: "customerId", Text: "should not be empty"}}}
	}
	app, err := c.app(asked.AppID)
	if err != nil {
		return 0, nil, err
	}
	session, err := app.Program.SignIn(asked.CustomerID)
	if missing := new(program.NotFound); errors.As(err, &missing) {
		return 0, nil, &refusal{missing.Code, missing.Message}
	}
	return http.StatusCreated, sessionBody{session.CustomerID, session.Token, session.ExpiresAt}, err
}

// app is the app with the id, or the first one if the id is empty.
func (c *control) app(id string) (refserver.App, error) {
	for _, app := range c.Server.Apps() {
		if id == "" || app.ID == id {
			return app, nil
		}
	}
	if id == "" {
		return refserver.App{}, &refusal{api.CodeNotFound, "The server has no app"}
	}
	return refserver.App{}, &refusal{api.CodeNotFound, fmt.Sprintf("There is no app %q", cut(id))}
}
