package control

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/api"
)

type clockBody struct {
	Now time.Time `json:"now"`
	// NextDue is when something falls due next; left out if nothing does.
	NextDue time.Time `json:"nextDue,omitzero"`
}

func (c *control) clock() clockBody {
	body := clockBody{Now: c.Server.Now().UTC()}
	if due, ok := c.Server.NextDue(); ok {
		body.NextDue = due.UTC()
	}
	return body
}

func (c *control) getClock(*http.Request) (int, any, error) { return http.StatusOK, c.clock(), nil }

// A clockMove moves the clock in one of three ways.
type clockMove struct {
	Advance   *string    `json:"advance"`
	To        *time.Time `json:"to"`
	ToNextDue *bool      `json:"toNextDue"`
}

// moveClock responds when everything that falls due on the way has happened, and the deliveries have
// been attempted.
func (c *control) moveClock(r *http.Request) (int, any, error) {
	move, err := decode[clockMove](r)
	if err != nil {
		return 0, nil, err
	}
	field, d, err := c.distance(move)
	if err != nil {
		return 0, nil, err
	}
	err = c.Server.Advance(d)
	if errors.Is(err, refserver.ErrBackwards) || errors.Is(err, refserver.ErrTooFar) {
		return 0, nil, invalid(field, "is not possible: "+err.Error())
	}
	return http.StatusOK, c.clock(), err
}

// distance is how far the clock is to be moved, by which field.
func (c *control) distance(move clockMove) (field string, d time.Duration, err error) {
	ways := 0
	for _, given := range []bool{move.Advance != nil, move.To != nil, move.ToNextDue != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return "", 0, &refusal{api.CodeBadRequest, "The body must have exactly one of the fields advance, to and toNextDue"}
	case move.Advance != nil:
		d, err := parseDuration(*move.Advance)
		return "advance", d, err
	case move.To != nil:
		now := c.Server.Now()
		d := move.To.Sub(now)
		if d > 0 && now.Add(d).Before(*move.To) { // it is the longest duration that there is
			return "", 0, invalid("to", "is not possible: "+refserver.ErrTooFar.Error())
		}
		return "to", d, nil
	case !*move.ToNextDue:
		return "", 0, invalid("toNextDue", "must be true")
	}
	due, ok := c.Server.NextDue()
	if !ok {
		return "", 0, &refusal{api.CodeNotFound, "Nothing falls due"}
	}
	return "toNextDue", max(0, due.Sub(c.Server.Now())), nil
}

// parseDuration reads a duration as time.ParseDuration does, with days before the hours: 30d, 1d12h.
func parseDuration(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	wrong := invalid("advance", "must be a duration, such as 30d, 1d12h or 90m")
	days, rest, hasDays := strings.Cut(text, "d")
	if !hasDays {
		days, rest = "0", text
	}
	count, err := strconv.ParseUint(days, 10, 32)
	if err != nil {
		return 0, wrong
	}
	if rest == "" && hasDays {
		rest = "0s"
	}
	d, err := time.ParseDuration(rest)
	switch {
	case err != nil || hasDays && d < 0:
		return 0, wrong
	case count > uint64((1<<63-1-max(d, 0))/day):
		return 0, invalid("advance", "is not possible: "+refserver.ErrTooFar.Error())
	}
	return time.Duration(count)*day + d, nil
}
