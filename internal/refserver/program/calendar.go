package program

import "time"

// LastYear is the last year that the clock of a program may reach. JSON has no time beyond 9999, and what
// falls due may be a year ahead.
const LastYear = 9998

// writable reports whether JSON has a time.
func writable(moment time.Time) bool { return moment.UTC().Year() <= 9999 }

// monthsAfter returns the same day and time of day so many months after a moment, in UTC; in a month that
// has no such day, its last. Since it is always counted from the first moment, no day is lost: one
// month after 31 January is 28 February, and two months after it is 31 March.
func monthsAfter(moment time.Time, months int) time.Time {
	moment = moment.UTC()
	first := time.Date(moment.Year(), moment.Month()+time.Month(months), 1,
		moment.Hour(), moment.Minute(), moment.Second(), moment.Nanosecond(), time.UTC)
	return first.AddDate(0, 0, min(moment.Day(), lastDay(first))-1)
}

// lastDay returns the number of days in the month of a moment.
func lastDay(moment time.Time) int {
	return time.Date(moment.Year(), moment.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nextMonday returns the first start of a Monday after a moment, in UTC.
func nextMonday(moment time.Time) time.Time {
	moment = moment.UTC()
	days := (7 + int(time.Monday) - int(moment.Weekday())) % 7
	if days == 0 {
		days = 7
	}
	return time.Date(moment.Year(), moment.Month(), moment.Day()+days, 0, 0, 0, 0, time.UTC)
}

// nextMonth returns the first start of a month after a moment, in UTC.
func nextMonth(moment time.Time) time.Time {
	moment = moment.UTC()
	return time.Date(moment.Year(), moment.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}
