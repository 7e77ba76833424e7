package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type clickBody struct {
	ClickID   string    `json:"clickId"`
	Code      string    `json:"code"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func track(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	params := program.ClickParams{Code: body.text("code"), URL: body.text("url")}
	if err := body.check(params.Problems()); err != nil {
		return nil, err
	}
	click, err := c.app.TrackClick(params)
	if err != nil {
		return nil, err
	}
	return clickBody{ClickID: click.ID, Code: click.Code, ExpiresAt: click.ExpiresAt}, nil
}
