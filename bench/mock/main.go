// Mock measures stackbe-mock side by side with a bare http.ServeMux that responds with fixed JSON: how
// long it takes from the start of the process to the first response, how much memory it has then, and
// how many GETs it serves in a second, at what processor time. It runs on Linux.
//
//	go run ./mock                in bench: 15 rounds, about a minute
//	go run ./mock -rounds 40
//
// Each round measures both, so that a slow minute of the machine falls on both. The figures are medians.
// The exit status is 1 if a bar does not hold.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	rounds      = flag.Int("rounds", 15, "`number` of rounds")
	span        = flag.Duration("span", time.Second, "`duration` of the load in a round")
	connections = flag.Int("connections", 8, "`number` of connections that send the load")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mock:", err)
		os.Exit(1)
	}
}

func run() error {
	folder, err := os.MkdirTemp("", "stackbe-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	bare := &contestant{program: filepath.Join(folder, "bare")}
	mock := &contestant{program: filepath.Join(folder, "stackbe-mock"), args: []string{"-json", "-addr", "127.0.0.1:0", "-rate-limits=false"}}
	for program, source := range map[string]string{bare.program: "./mock/bare", mock.program: "github.com/stackbe/stackbe-go/cmd/stackbe-mock"} {
		build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, source)
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return err
		}
	}
	for round := range *rounds + 1 { // the first one warms the caches, and does not count
		for _, c := range []*contestant{bare, mock} {
			measured, err := c.measure()
			if err != nil {
				return fmt.Errorf("%s: %w", filepath.Base(c.program), err)
			}
			if round > 0 {
				c.rounds = append(c.rounds, measured)
			}
		}
	}
	return report(bare, mock)
}

// A contestant is a program, and what its rounds have measured.
type contestant struct {
	program string
	args    []string
	rounds  []round
}

// A round is one life of the program.
type round struct {
	start      float64 // milliseconds to the first response
	memory     float64 // MiB of resident memory after it
	throughput float64 // requests a second
	processor  float64 // microseconds of processor time a request
}

func (c *contestant) measure() (r round, err error) {
	process := exec.Command(c.program, c.args...)
	stdout, err := process.StdoutPipe()
	if err != nil {
		return r, err
	}
	began := time.Now()
	if err := process.Start(); err != nil {
		return r, err
	}
	defer func() {
		_ = process.Process.Kill() // it runs until then
		_ = process.Wait()
	}()
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		return r, err
	}
	var says struct{ URL, CustomerID string }
	if err := json.Unmarshal(line, &says); err != nil {
		return r, err
	}
	request := func() (*http.Request, error) {
		made, err := http.NewRequest(http.MethodGet, says.URL+"/v1/affiliate/by-customer/"+says.CustomerID, nil)
		if err == nil {
			made.Header.Set("X-Api-Key", "sk_test_mock")
		}
		return made, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *connections}}
	defer client.CloseIdleConnections()
	if err := get(client, request); err != nil {
		return r, err
	}
	r.start = float64(time.Since(began).Microseconds()) / 1000
	if r.memory, err = resident(process.Process.Pid); err != nil {
		return r, err
	}
	before, err := processorTime(process.Process.Pid)
	if err != nil {
		return r, err
	}
	count, took, err := load(client, request)
	if err != nil {
		return r, err
	}
	after, err := processorTime(process.Process.Pid)
	r.throughput = float64(count) / took.Seconds()
	r.processor = float64((after - before).Microseconds()) / float64(count)
	return r, err
}

func get(client *http.Client, request func() (*http.Request, error)) error {
	made, err := request()
	if err != nil {
		return err
	}
	response, err := client.Do(made)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the response is %s", response.Status)
	}
	return nil
}

// load sends requests on all connections for the span.
func load(client *http.Client, request func() (*http.Request, error)) (count int64, took time.Duration, err error) {
	var (
		senders sync.WaitGroup
		sent    atomic.Int64
		failed  atomic.Pointer[error]
	)
	began := time.Now()
	for range *connections {
		senders.Go(func() {
			for time.Since(began) < *span {
				if err := get(client, request); err != nil {
					failed.Store(&err)
					return
				}
				sent.Add(1)
			}
		})
	}
	senders.Wait()
	if failure := failed.Load(); failure != nil {
		err = *failure
	}
	return sent.Load(), time.Since(began), err
}

// resident is how many MiB a process has in memory.
func resident(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	return kib / 1024, err
}

// processorTime is how long all threads of a process have run.
func processorTime(pid int) (total time.Duration, err error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return 0, err
	}
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			return 0, err
		}
		nanoseconds, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(nanoseconds)
	}
	return total, nil
}

// A bar is a limit of what the mock may take, or has to reach.
type bar struct {
	name  string
	of    func(round) float64
	limit float64
	least bool // it is the least ratio; else the greatest
	plain bool // it is for the figure, not for the ratio
}

func report(bare, mock *contestant) error {
	fmt.Printf("%-36s %10s %13s %7s   %s\n", fmt.Sprintf("medians of %d rounds", *rounds), "ServeMux", "stackbe-mock", "ratio", "bar")
	failed := 0
	for _, b := range []bar{
		{name: "start to the first response (ms)", of: func(r round) float64 { return r.start }, limit: 1.5},
		{name: "resident memory after it (MiB)", of: func(r round) float64 { return r.memory }, limit: 16, plain: true},
		{name: "GET (requests a second)", of: func(r round) float64 { return r.throughput }, limit: 0.7, least: true},
		{name: "processor time of a GET (µs)", of: func(r round) float64 { return r.processor }, limit: 1.6},
	} {
		ours, theirs := median(mock.rounds, b.of), median(bare.rounds, b.of)
		judged, sign, unit := ours/theirs, "≤", "×"
		if b.plain {
			judged, unit = ours, " MiB"
		}
		holds := judged <= b.limit
		if b.least {
			holds, sign = judged >= b.limit, "≥"
		}
		verdict := "holds"
		if !holds {
			verdict = "DOES NOT HOLD"
			failed++
		}
		fmt.Printf("%-36s %10.1f %13.1f %6.2f×   %s %g%s: %s\n", b.name, theirs, ours, ours/theirs, sign, b.limit, unit, verdict)
	}
	if failed > 0 {
		return fmt.Errorf("%d of 4 bars do not hold", failed)
	}
	return nil
}

func median(rounds []round, of func(round) float64) float64 {
	var all []float64
	for _, r := range rounds {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}
