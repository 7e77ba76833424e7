package api

import (
	"errors"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type applyBody struct {
	ID      string         `json:"id"`
	Status  program.Status `json:"status"`
	Message string         `json:"message"`
}

func apply(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	params := program.ApplicationParams{
		Email:   body.text("email"),
		Name:    body.text("name"),
		Company: body.text("company"),
		Website: body.text("website"),
		Reason:  body.text("reason"),
	}
	if err := body.check(params.Problems()); err != nil {
		return nil, err
	}
	application, err := c.app.Apply(params)
	if err != nil {
		return nil, err
	}
	return applyBody{
		ID:      application.ID,
		Status:  application.Status,
		Message: "The application has been received and will be reviewed",
	}, nil
}

type applicationStatusBody struct {
	Applied         bool           `json:"applied"`
	ID              string         `json:"id,omitempty"`
	Status          program.Status `json:"status,omitempty"`
	RejectionReason string         `json:"rejectionReason,omitempty"`
	CreatedAt       time.Time      `json:"createdAt,omitzero"`
	ReviewedAt      time.Time      `json:"reviewedAt,omitzero"`
}

func applicationStatus(c *call) (any, error) {
	email := c.query.Get("email")
	application, applied, err := c.app.ApplicationOf(email)
	if invalid := new(program.Invalid); errors.As(err, &invalid) {
		problem := leftOut(invalid.Problems, c.query.Has)[0]
		problem.Text += howToEscape(email, c.request.URL.RawQuery)
		return nil, &program.Invalid{Problems: []program.Problem{problem}}
	}
	if err != nil {
		return nil, err
	}
	return applicationStatusBody{
		Applied:         applied,
		ID:              application.ID,
		Status:          application.Status,
		RejectionReason: application.RejectionReason,
		CreatedAt:       application.CreatedAt,
		ReviewedAt:      application.ReviewedAt,
	}, nil
}

// howToEscape says which character of an email in a query was not escaped; "" if all seem to be.
func howToEscape(email, query string) string {
	switch {
	case strings.Contains(email, " ") && strings.Contains(query, "+"):
		return "; a + in a query stands for a space: send %2B for a +"
	case !strings.Contains(email, "@") && strings.Contains(email, "%40"):
		return "; it was escaped twice"
	}
	return ""
}
