package program

// totals are sums over the records of a book, kept as records come and change. A record adds an amount
// to each of any number of keys; to count records, each adds 1.
type totals[T any, K comparable] struct {
	of   func(row T, add func(key K, amount Cents))
	sums map[K]Cents
}

// totalBy declares totals of an empty book.
func totalBy[T any, K comparable](b *book[T], of func(row T, add func(key K, amount Cents))) *totals[T, K] {
	ix := &totals[T, K]{of: of, sums: map[K]Cents{}}
	b.indexes = append(b.indexes, ix)
	return ix
}

func (t *totals[T, K]) sum(key K) Cents { return t.sums[key] }

func (t *totals[T, K]) count(key K) int { return int(t.sums[key]) }

func (t *totals[T, K]) taken(T) bool { return false }

func (t *totals[T, K]) add(_ int, row T) {
	t.of(row, func(key K, amount Cents) { t.change(key, amount) })
}

func (t *totals[T, K]) replace(seq int, old, row T) {
	t.remove(seq, old)
	t.add(seq, row)
}

func (t *totals[T, K]) remove(_ int, row T) {
	t.of(row, func(key K, amount Cents) { t.change(key, -amount) })
}

func (t *totals[T, K]) change(key K, by Cents) {
	if sum := t.sums[key] + by; sum != 0 {
		t.sums[key] = sum
	} else {
		delete(t.sums, key)
	}
}
