package storm

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fleet is the processes that receive.
type fleet struct {
	store, name string
	kills       int

	mu        sync.Mutex
	receivers []*receiver
}

// receiver is a process that receives.
type receiver struct {
	url     string
	command *exec.Cmd
	stdin   io.Closer // its end ends the process
}

func startFleet(t *testing.T, size int, store, name string) *fleet {
	t.Helper()
	f := &fleet{store: store, name: name}
	t.Cleanup(f.stop)
	for range size {
		r, err := f.start()
		require.NoError(t, err)
		f.receivers = append(f.receivers, r)
	}
	return f
}

// start starts a receiver and waits until it listens.
func (f *fleet) start() (*receiver, error) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), receiverVariable+"="+f.store, nameVariable+"="+f.name)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	r := &receiver{command: command, stdin: stdin}
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		r.kill()
		return nil, fmt.Errorf("the receiver did not start: %w", err)
	}
	r.url = "http://" + strings.TrimSpace(address)
	return r, nil
}

// kill sends SIGKILL and waits until the process is gone.
func (r *receiver) kill() {
	_ = r.command.Process.Kill()
	_ = r.command.Wait() // "signal: killed"
	_ = r.stdin.Close()
}

func (f *fleet) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.receivers {
		r.kill()
	}
}

// url is that of any receiver, which may be dead.
func (f *fleet) url() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.receivers[rand.IntN(len(f.receivers))].url
}

// harass kills a receiver and starts another in its place, again and again, until the
// context ends.
func (f *fleet) harass(ctx context.Context, random *rand.Rand) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(50*time.Millisecond + time.Duration(random.Int64N(int64(150*time.Millisecond)))):
		}
		victim := random.IntN(len(f.receivers))
		f.receivers[victim].kill()
		f.kills++
		r, err := f.start()
		if err != nil {
			return err
		}
		f.mu.Lock()
		f.receivers[victim] = r
		f.mu.Unlock()
	}
}
