package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
)

const (
	// killsVariable is how often the server is killed.
	killsVariable = "STACKBE_MOCK_KILLS"
	defaultKills  = 5
	// killsPerFile keeps the files as small as those of usual tests.
	killsPerFile = 10
	// keptWithin is the age of a change by which the file has it.
	keptWithin = time.Second
	// One kill in killsPerStall may find an older state: the machine may have stalled.
	killsPerStall = 20
)

func kills(t *testing.T) int {
	text := os.Getenv(killsVariable)
	if text == "" {
		return defaultKills
	}
	count, err := strconv.Atoi(text)
	require.NoError(t, err)
	return count
}

// Applications are numbered. A state that existed has the first so many of them, without a gap.
func TestStateSurvivesKills(t *testing.T) {
	var file string
	kept, late := 0, 0
	for round := range kills(t) {
		if round%killsPerFile == 0 {
			file, kept = filepath.Join(t.TempDir(), "state.json"), 0
		}
		p := startProcess(t, "-data", file, "-demo", "-rate-limits=false")
		w := &writer{process: p, next: kept + 1}
		written := make(chan struct{})
		go func() {
			defer close(written)
			w.write()
		}()
		<-time.After(time.Duration(50+rand.IntN(1500)) * time.Millisecond)
		killed := time.Now()
		p.kill()
		<-written

		now := numbersIn(t, file)
		for i, number := range now {
			require.Equal(t, i+1, number, "a state that existed")
		}
		require.GreaterOrEqual(t, len(now), kept, "what was kept once stays")
		if len(now) < w.acceptedBefore(killed.Add(-keptWithin)) {
			late++
		}
		require.LessOrEqual(t, len(now), w.next, "nothing that was not sent")
		kept = len(now)
		left, err := os.ReadDir(filepath.Dir(file))
		require.NoError(t, err)
		require.LessOrEqual(t, len(left), 3, "the file, its lock and a temporary file")
	}
	require.LessOrEqual(t, late, 1+kills(t)/killsPerStall, "older than %v", keptWithin)
}

// A writer sends applications, one after the other, until the server is gone.
type writer struct {
	process  *process
	next     int // the number of the application that is in flight
	accepted []acceptance
}

type acceptance struct {
	number int
	at     time.Time
}

func (w *writer) write() {
	client := &http.Client{}
	defer client.CloseIdleConnections()
	for {
		body := fmt.Sprintf(`{"email": "applicant-%d@example.com", "name": "Jane"}`, w.next)
		request, err := http.NewRequest(http.MethodPost, w.process.URL+"/v1/affiliate/apply", strings.NewReader(body))
		if err != nil {
			return
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Api-Key", w.process.APIKey)
		response, err := client.Do(request)
		if err != nil {
			return
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusCreated {
			return
		}
		w.accepted = append(w.accepted, acceptance{w.next, time.Now()})
		w.next++
	}
}

// acceptedBefore is the last application that was accepted before a time.
func (w *writer) acceptedBefore(limit time.Time) (number int) {
	for _, a := range w.accepted {
		if a.at.Before(limit) {
			number = a.number
		}
	}
	return number
}

// numbersIn loads the state of a file, and returns the numbers of the applications in it.
func numbersIn(t *testing.T, file string) (numbers []int) {
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	document, err := refserver.ReadDocument(bytes.NewReader(content))
	require.NoError(t, err)
	server := refserver.New(refserver.Config{})
	defer server.Close()
	require.NoError(t, server.Restore(document))
	for _, application := range document.Apps[0].Applications {
		text, ours := strings.CutPrefix(application.Email, "applicant-")
		if !ours {
			continue
		}
		number, err := strconv.Atoi(strings.TrimSuffix(text, "@example.com"))
		require.NoError(t, err)
		numbers = append(numbers, number)
	}
	return numbers
}
