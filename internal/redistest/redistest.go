// Package redistest starts Redis servers for tests that need settings of their own. The
// program is the redis-server that .ci/services installs.
package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stackbe/stackbe-go/internal/freeport"
)

// Lines that a server logs while it starts.
const (
	loading = "Server initialized"
	ready   = "Ready to accept connections"
)

// startAttempts is how often a port is tried that another process may have taken.
const startAttempts = 5

// Server is a Redis server on loopback. It is killed, and its data deleted, at the end
// of the test.
type Server struct {
	Port      string
	Directory string // of its data

	program  string
	settings []string
	command  *exec.Cmd
	output   io.Closer
}

// Start starts a server with the settings, as redis-server takes them on its command
// line, and waits until it is ready. By default it saves nothing. Without a
// redis-server the test is skipped; in CI, it fails.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("there is no redis-server: CI runs .ci/services start")
	}
	if err != nil {
		t.Skip("there is no redis-server; .ci/services start installs it")
	}
	s := &Server{Directory: t.TempDir(), program: program, settings: settings}
	for attempt := 1; ; attempt++ {
		s.Port = freeport.Port(t)
		if err = s.start(ready); err == nil {
			break
		}
		if attempt == startAttempts {
			t.Fatal(err)
		}
	}
	t.Cleanup(s.Kill)
	return s
}

// Address is the server's host and port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", s.Port) }

// Kill ends the server with SIGKILL, as a crash does: nothing is saved.
func (s *Server) Kill() {
	if s.command == nil {
		return
	}
	_ = s.command.Process.Kill()
	s.wait()
}

// Stop ends the server with SIGINT, as SHUTDOWN does: it saves what its settings
// require.
func (s *Server) Stop() {
	_ = s.command.Process.Signal(os.Interrupt)
	s.wait()
}

// wait waits until the process is gone.
func (s *Server) wait() {
	_, _ = s.command.Process.Wait()
	_ = s.output.Close()
	s.command = nil
}

// Restart starts the server again after Kill or Stop, on the same port and data, with
// more settings. It waits until the server is ready.
func (s *Server) Restart(t testing.TB, settings ...string) {
	t.Helper()
	s.restart(t, ready, settings)
}

// RestartLoading is Restart that waits only until the server loads its data.
func (s *Server) RestartLoading(t testing.TB, settings ...string) {
	t.Helper()
	s.restart(t, loading, settings)
}

func (s *Server) restart(t testing.TB, line string, settings []string) {
	t.Helper()
	s.settings = slices.Concat(s.settings, settings)
	if err := s.start(line); err != nil {
		t.Fatal(err)
	}
}

// start starts the process and waits until it has logged the line.
func (s *Server) start(line string) error {
	arguments := []string{
		"--bind", "127.0.0.1", "--port", s.Port, "--dir", s.Directory,
		"--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0",
	}
	command := exec.Command(s.program, append(arguments, s.settings...)...)
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.command, s.output = command, output
	log, err := readUntil(output, line)
	if err != nil {
		s.Kill()
		return fmt.Errorf("redis-server did not start: %w\n%s", err, log)
	}
	go func() { _, _ = io.Copy(io.Discard, output) }() // what it logs from here on
	return nil
}

func readUntil(output io.Reader, line string) (log string, err error) {
	var read strings.Builder
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		fmt.Fprintln(&read, lines.Text())
		if strings.Contains(lines.Text(), line) {
			return read.String(), nil
		}
	}
	return read.String(), errors.Join(io.ErrUnexpectedEOF, lines.Err())
}

// BreakSaving makes every save of the server's data fail from here on.
func (s *Server) BreakSaving(t testing.TB) {
	t.Helper()
	// A file cannot replace a folder that is not empty.
	if err := os.MkdirAll(filepath.Join(s.Directory, "dump.rdb", "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
}
