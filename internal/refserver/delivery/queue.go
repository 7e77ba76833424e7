package delivery

import (
	"cmp"
	"slices"
	"time"
)

// A job is an attempt that is to be made.
type job struct {
	delivery *delivery
	due      time.Time
	number   int // in the order in which jobs were made
	failures int // on this run through the schedule
}

func (j *job) compare(other *job) int {
	return cmp.Or(j.due.Compare(other.due), cmp.Compare(j.number, other.number))
}

// queue holds jobs in the order in which they are to be done.
type queue []*job

func (q *queue) add(j *job) {
	at, _ := slices.BinarySearchFunc(*q, j, (*job).compare)
	*q = slices.Insert(*q, at, j)
}

func (q *queue) has(j *job) bool {
	_, found := slices.BinarySearchFunc(*q, j, (*job).compare)
	return found
}

// remove takes a job out, if it is there.
func (q *queue) remove(j *job) {
	at, found := slices.BinarySearchFunc(*q, j, (*job).compare)
	switch {
	case found && at == 0:
		(*q)[0] = nil // let go of what it refers to
		*q = (*q)[1:]
	case found:
		*q = slices.Delete(*q, at, at+1)
	}
}
