package affiliates

import "time"

const (
	unknownFor  = 5 * time.Minute
	maxUnknown  = 1024 // codes that are remembered
	maxAccepted = 16384
	guessWindow = time.Minute
	maxGuesses  = 60 // unknown codes in a window, before only accepted ones are sent
)

// knownCodes is what the API has said about codes, so that random ones do not flood it.
type knownCodes struct {
	accepted map[string]struct{}
	refused  map[string]refusal
	since    time.Time // the window's beginning
	guesses  int       // in the window
	certain  bool      // a code was accepted
}

// refusal is what the API has said about a code that it did not accept.
type refusal struct {
	until   time.Time // when the code may be sent again
	missing bool      // no partner has it: the response was 404
}

func newKnownCodes() knownCodes {
	return knownCodes{accepted: map[string]struct{}{}, refused: map[string]refusal{}}
}

func (k *knownCodes) accept(code string) {
	k.certain = true
	delete(k.refused, code)
	makeRoom(k.accepted, maxAccepted)
	k.accepted[code] = struct{}{}
}

func (k *knownCodes) refuse(code string, missing bool, now time.Time) {
	if missing {
		delete(k.accepted, code)
	}
	if _, accepted := k.accepted[code]; accepted {
		return // something else was wrong with the call
	}
	if len(k.refused) >= maxUnknown { // most have expired, since maxGuesses bounds the others
		for old := range k.refused {
			if !k.unknown(old, now) {
				delete(k.refused, old)
			}
		}
	}
	k.refused[code] = refusal{now.Add(unknownFor), missing}
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

// unknown reports whether the code was refused a short while ago.
func (k *knownCodes) unknown(code string, now time.Time) bool {
	refused, ok := k.refused[code]
	return ok && now.Before(refused.until)
}

// missing reports whether no partner had the code a short while ago.
func (k *knownCodes) missing(code string, now time.Time) bool {
	return k.unknown(code, now) && k.refused[code].missing
}

// hopeless reports whether the code is unknown for certain. Before the API has accepted any
// code, that it knows none can also mean that its address is wrong.
func (k *knownCodes) hopeless(code string, now time.Time) bool {
	return k.certain && k.missing(code, now)
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
