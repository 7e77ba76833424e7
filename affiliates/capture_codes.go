package affiliates

import "time"

const (
	unknownFor  = 5 * time.Minute
	maxUnknown  = 4096 // codes that are remembered
	maxAccepted = 16384
	guessWindow = time.Minute
	maxGuesses  = 60 // unknown codes in a window, before only accepted ones are sent
)

// knownCodes is what the API has said about codes, so that random ones do not flood it.
type knownCodes struct {
	accepted map[string]struct{}
	refused  map[string]time.Time // until when they count as unknown
	since    time.Time            // the window's beginning
	guesses  int                  // in the window
	certain  bool                 // a code was accepted
}

func newKnownCodes() knownCodes {
	return knownCodes{accepted: map[string]struct{}{}, refused: map[string]time.Time{}}
}

func (k *knownCodes) accept(code string) {
	k.certain = true
	delete(k.refused, code)
	makeRoom(k.accepted, maxAccepted)
	k.accepted[code] = struct{}{}
}

func (k *knownCodes) refuse(code string, now time.Time) {
	delete(k.accepted, code)
	if len(k.refused) >= maxUnknown {
		for old, until := range k.refused {
			if !now.Before(until) {
				delete(k.refused, old)
			}
		}
	}
	makeRoom(k.refused, maxUnknown)
	k.refused[code] = now.Add(unknownFor)
	k.turn(now)
	k.guesses++
}

// makeRoom forgets an entry of a map that is full, whichever comes first.
func makeRoom[V any](entries map[string]V, most int) {
	if len(entries) < most {
		return
	}
	for code := range entries {
		delete(entries, code)
		return
	}
}

// turn begins another window once the last one is over.
func (k *knownCodes) turn(now time.Time) {
	if age := now.Sub(k.since); age >= guessWindow || age < 0 {
		k.since, k.guesses = now, 0
	}
}

func (k *knownCodes) unknown(code string, now time.Time) bool {
	until, refused := k.refused[code]
	return refused && now.Before(until)
}

// hopeless reports whether the code is unknown for certain. Before the API has accepted any code, that
// it knows none can also mean that its address is wrong.
func (k *knownCodes) hopeless(code string, now time.Time) bool {
	return k.certain && k.unknown(code, now)
}

// mayAsk reports whether a call with the code may be made.
func (k *knownCodes) mayAsk(code string, now time.Time) bool {
	if k.unknown(code, now) {
		return false
	}
	if _, accepted := k.accepted[code]; accepted {
		return true
	}
	k.turn(now)
	return k.guesses < maxGuesses
}
