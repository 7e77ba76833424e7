// Package executable builds and runs stackbe-mock for the tests of other packages.
package executable

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Build returns the path of the program, which is there until the test ends.
func Build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stackbe-mock")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/stackbe/stackbe-go/cmd/stackbe-mock").CombinedOutput()
	require.NoError(t, err, "%s", output)
	return path
}

// Announcement is what the program prints at its start with -json: the fields that tests read.
type Announcement struct {
	URL           string
	AppID         string
	APIKey        string
	AdminToken    string
	CustomerID    string
	Session       string
	WebhookSecret string
	ControlURL    string
}

// Start runs the program with -json and these arguments, until the test ends. The announcement has to
// be all that it prints on standard output, and an interrupt has to end it with status 0.
func Start(t *testing.T, path string, arguments ...string) (announced Announcement) {
	t.Helper()
	command := exec.Command(path, append([]string{"-json", "-addr", "127.0.0.1:0"}, arguments...)...)
	command.Stderr = t.Output()
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := json.NewDecoder(output)
	t.Cleanup(func() {
		assert.NoError(t, command.Process.Signal(os.Interrupt))
		rest, err := io.ReadAll(io.MultiReader(lines.Buffered(), output))
		assert.NoError(t, err)
		assert.Empty(t, bytes.TrimSpace(rest), "there is more on standard output")
		assert.NoError(t, command.Wait())
	})
	require.NoError(t, lines.Decode(&announced))
	return announced
}
