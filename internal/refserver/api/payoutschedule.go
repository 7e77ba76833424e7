package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type payoutScheduleBody struct {
	Interval program.PayoutInterval `json:"interval"`
	NextAt   time.Time              `json:"nextAt,omitzero"`
}

func getPayoutSchedule(c *call) (any, error) {
	schedule, err := c.app.PayoutSchedule(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	return payoutScheduleBody(schedule), nil
}

func setPayoutSchedule(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	interval := program.PayoutInterval(body.text("interval"))
	if err := body.check(program.IntervalProblems(interval)); err != nil {
		return nil, err
	}
	schedule, err := c.app.SetPayoutSchedule(c.credential.CustomerID, interval)
	if err != nil {
		return nil, err
	}
	return payoutScheduleBody(schedule), nil
}
