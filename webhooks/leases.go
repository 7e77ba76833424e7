package webhooks

import "container/heap"

// leases are the claims in flight, the one whose lease runs out first at the root of a
// heap: so that neither to claim an event nor to be refused takes longer where many are
// in flight.
type leases []*memoryClaim

func (l *leases) add(claim *memoryClaim) { heap.Push(l, claim) }

func (l *leases) remove(claim *memoryClaim) { heap.Remove(l, claim.place) }

// Len, Less, Swap, Push and Pop are for package heap.
func (l leases) Len() int { return len(l) }

func (l leases) Less(i, j int) bool { return l[i].until.Before(l[j].until) }

func (l leases) Swap(i, j int) {
	l[i], l[j] = l[j], l[i]
	l[i].place, l[j].place = i, j
}

func (l *leases) Push(claim any) {
	added := claim.(*memoryClaim)
	added.place = len(*l)
	*l = append(*l, added)
}

func (l *leases) Pop() any {
	last := len(*l) - 1
	removed := (*l)[last]
	(*l)[last] = nil // let go of it
	*l = (*l)[:last]
	return removed
}
