package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asProgram makes the test binary the program itself.
const asProgram = "STACKBE_MOCK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// command is the program as a process of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	executable, err := os.Executable()
	require.NoError(t, err)
	made := exec.CommandContext(t.Context(), executable, args...)
	made.Env = append(os.Environ(), asProgram+"=1")
	return made
}

// runs runs the program to its end.
func runs(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	process := command(t, args...)
	var out, problems bytes.Buffer
	process.Stdin, process.Stdout, process.Stderr = strings.NewReader(stdin), &out, &problems
	if err := process.Run(); process.ProcessState == nil {
		require.NoError(t, err)
	}
	return process.ProcessState.ExitCode(), out.String(), problems.String()
}

// A process is a server that runs as one, with -json.
type process struct {
	*exec.Cmd
	announcement
	line   string // that it has printed
	stdout *bufio.Reader
	stderr *bytes.Buffer
}

func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: command(t, append([]string{"-json", "-addr", "127.0.0.1:0"}, args...)...), stderr: &bytes.Buffer{}}
	p.Stderr = p.stderr
	pipe, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	t.Cleanup(func() { p.kill() })
	p.stdout = bufio.NewReader(pipe)
	p.line, err = p.stdout.ReadString('\n')
	require.NoError(t, err, "%s", p.stderr)
	require.NoError(t, json.Unmarshal([]byte(p.line), &p.announcement))
	return p
}

// kill ends the process as SIGKILL does.
func (p *process) kill() {
	_ = p.Process.Kill() // it may have ended
	_ = p.Wait()
}

// interrupt ends the process as Ctrl-C does, and returns what it has printed since its start.
func (p *process) interrupt(t *testing.T) (stdout string) {
	t.Helper()
	require.NoError(t, p.Process.Signal(os.Interrupt))
	rest, err := io.ReadAll(p.stdout)
	require.NoError(t, err)
	require.NoError(t, p.Wait(), "%s", p.stderr)
	return string(rest)
}

// get is the body of a response with status 200.
func get(t *testing.T, url string, headers ...string) string {
	t.Helper()
	status, body := call(t, http.MethodGet, url, "", headers...)
	require.Equal(t, http.StatusOK, status, body)
	return body
}

func call(t *testing.T, method, url, body string, headers ...string) (status int, response string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	got, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer got.Body.Close()
	read, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return got.StatusCode, string(read)
}
