// Package duration writes durations as text in JSON.
package duration

import "time"

// A Text is a duration that is written as "1m30s".
type Text time.Duration

// MarshalText writes a duration.
func (t Text) MarshalText() ([]byte, error) { return []byte(time.Duration(t).String()), nil }

// UnmarshalText reads what [Text.MarshalText] writes.
func (t *Text) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*t = Text(parsed)
	return err
}
