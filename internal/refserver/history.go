package refserver

import (
	"errors"
	"fmt"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// ErrNotEmpty is the error of [Server.Play] for an app that has records.
var ErrNotEmpty = errors.New("the app has records; a history can only be played in an empty app")

// Play plays a history in an empty app: play calls the program's commands, and sets its time, which
// only moves forward and ends before the server's. No events are delivered. Play returns
// [ErrNotEmpty], and the error of play, and then leaves the app as it was.
func (s *Server) Play(appID string, play func(p *program.Program, set func(time.Time)) error) error {
	s.advancing.Lock()
	defer s.advancing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()

	app := s.directory.App(appID)
	if app == nil {
		return fmt.Errorf("there is no app %q", appID)
	}
	before := app.Document()
	if len(before.Customers)+len(before.Applications) > 0 {
		return ErrNotEmpty
	}
	var now time.Time
	stage := program.New(program.Options{
		AppID:     appID,
		Now:       func() time.Time { return now },
		IDs:       ids.New(s.seed, appID, before.IDs),
		PortalKey: before.PortalKey,
		SiteURL:   s.config.SiteURL,
	})
	if err := play(stage, func(t time.Time) { now = t }); err != nil {
		return err
	}
	if now.After(s.Now()) {
		return errors.New("the history ends after the server's time")
	}
	played, err := app.Read(stage.Document(), s.seed, s.Now())
	if err != nil {
		return fmt.Errorf("the history: %w", err)
	}
	app.Restore(played)
	return nil
}
