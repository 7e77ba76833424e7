package refserver_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestPlayedHistoryIsOfThePast(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.Play(w.ID, func(p *program.Program, set func(time.Time)) error {
		set(start.AddDate(0, -1, 0))
		_, err := p.Apply(program.ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
		return err
	}))
	application, applied, err := w.Program.ApplicationOf("jane@acme.com")
	require.NoError(t, err)
	require.True(t, applied)
	assert.Equal(t, start.AddDate(0, -1, 0), application.CreatedAt)
	next := w.apply(t, "joe@acme.com")
	assert.NotEqual(t, application.ID, next, "ids go on")
}

func TestPlayFailsAsAWhole(t *testing.T) {
	broken := errors.New("broken")
	apply := func(p *program.Program) error {
		_, err := p.Apply(program.ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
		return err
	}
	for name, c := range map[string]struct {
		play func(p *program.Program, set func(time.Time)) error
		want string
	}{
		"if the history does": {func(p *program.Program, set func(time.Time)) error {
			set(start)
			return errors.Join(apply(p), broken)
		}, "broken"},
		"if the history reaches the future": {func(p *program.Program, set func(time.Time)) error {
			set(start.Add(time.Second))
			return apply(p)
		}, "after the server's time"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			require.ErrorContains(t, w.Play(w.ID, c.play), c.want)
			_, applied, err := w.Program.ApplicationOf("jane@acme.com")
			require.NoError(t, err)
			assert.False(t, applied)
		})
	}

	t.Run("if the app has records", func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "jane@acme.com")
		require.ErrorIs(t, w.Play(w.ID, nil), refserver.ErrNotEmpty)
	})
}
