package program

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestMonthsAfterKeepsDayOrTakesLast(t *testing.T) {
	for _, year := range []int{1999, 2000, 2023, 2024, 2096, 2100} {
		for month := time.January; month <= time.December; month++ {
			for day := 1; day <= 31; day++ {
				anchor := time.Date(year, month, day, 23, 59, 59, 999_999_999, time.UTC)
				if anchor.Day() != day {
					continue
				}
				for months := range 50 {
					got := monthsAfter(anchor, months)
					passed := int(month) - 1 + months
					assert.Equal(t, year+passed/12, got.Year())
					assert.Equal(t, time.Month(passed%12+1), got.Month(), "no month is left out")
					tomorrow := got.AddDate(0, 0, 1)
					assert.True(t, got.Day() == day || got.Day() < day && tomorrow.Day() == 1, "%v, %d months later: %v", anchor, months, got)
					assert.Equal(t, anchor.Sub(anchor.Truncate(24*time.Hour)), got.Sub(got.Truncate(24*time.Hour)), "the time of day stays")
				}
			}
		}
	}
}

func TestMonthsAfterLosesNoDay(t *testing.T) {
	for _, c := range []struct {
		anchor string
		months int
		want   string
	}{
		{"2026-01-31T10:00:00Z", 1, "2026-02-28T10:00:00Z"},
		{"2026-01-31T10:00:00Z", 2, "2026-03-31T10:00:00Z"},
		{"2026-01-31T10:00:00Z", 3, "2026-04-30T10:00:00Z"},
		{"2024-01-31T10:00:00Z", 1, "2024-02-29T10:00:00Z"},
		{"2024-02-29T10:00:00Z", 12, "2025-02-28T10:00:00Z"},
		{"2024-02-29T10:00:00Z", 48, "2028-02-29T10:00:00Z"},
		{"2099-12-29T10:00:00Z", 2, "2100-02-28T10:00:00Z"},
		{"2026-12-15T00:00:00Z", 1, "2027-01-15T00:00:00Z"},
		{"2026-01-31T23:30:00-02:00", 1, "2026-03-01T01:30:00Z"}, // 1 February in UTC
	} {
		anchor, err := time.Parse(time.RFC3339, c.anchor)
		assert.NoError(t, err)
		assert.Equal(t, c.want, monthsAfter(anchor, c.months).Format(time.RFC3339), "%s, %d months later", c.anchor, c.months)
	}
}

func TestNextRunOfSchedule(t *testing.T) {
	for _, c := range []struct{ after, monday, month string }{
		{"2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z"}, // a Sunday
		{"2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"2026-03-01T23:59:59.999999999Z", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"2026-12-31T23:59:59Z", "2027-01-04T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"2026-04-01T00:00:00Z", "2026-04-06T00:00:00Z", "2026-05-01T00:00:00Z"},
		{"2024-02-29T00:00:00Z", "2024-03-04T00:00:00Z", "2024-03-01T00:00:00Z"},
	} {
		after, err := time.Parse(time.RFC3339Nano, c.after)
		assert.NoError(t, err)
		assert.Equal(t, c.monday, PayoutsWeekly.next(after).Format(time.RFC3339))
		assert.Equal(t, c.month, PayoutsMonthly.next(after).Format(time.RFC3339))
		assert.True(t, PayoutsOff.next(after).IsZero())
	}
}
