package mock

import (
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/e2e/mock/executable"
)

// commands are those of StackBE's page on the partner program, each after a line with its name.
//
//go:embed testdata/commands.sh
var commands string

// A shell runs the commands, with the host and the credentials of a server in place of those that the
// page shows.
type shell struct {
	t       *testing.T
	server  executable.Announcement
	without map[string]string // what the page leaves open
}

func (s *shell) run(name string) (response map[string]any) {
	s.t.Helper()
	_, command, found := strings.Cut(commands, "# "+name+"\n")
	require.True(s.t, found)
	command, _, _ = strings.Cut(command, "\n# ")
	for placeholder, value := range map[string]string{
		"https://api.stackbe.io": s.server.URL, "YOUR_API_KEY": s.server.APIKey, "YOUR_JWT": s.server.AdminToken, "/APP_ID/": "/" + s.server.AppID + "/",
	} {
		command = strings.ReplaceAll(command, placeholder, value)
	}
	for placeholder, value := range s.without {
		command = strings.ReplaceAll(command, placeholder, value)
	}
	curl := exec.CommandContext(s.t.Context(), "sh", "-c", command)
	curl.Env = append(os.Environ(), "no_proxy=*")
	curl.Stderr = s.t.Output()
	output, err := curl.Output()
	require.NoError(s.t, err, command)
	require.NoError(s.t, json.Unmarshal(output, &response), "%s: %s", command, output)
	return response
}

func newShell(t *testing.T) *shell {
	t.Helper()
	requireProgram(t, "curl")
	return &shell{t, executable.Start(t, executable.Build(t)), map[string]string{}}
}

func TestDocumentedCommandsTakeAnApplicationToApproval(t *testing.T) {
	s := newShell(t)
	assert.Equal(t, map[string]any{"applied": false}, s.run("status"))

	applied := s.run("apply")
	assert.Equal(t, "pending", applied["status"])
	assert.NotEmpty(t, applied["message"])
	assert.EqualValues(t, 409, s.run("apply")["statusCode"], "a duplicate")
	assert.Equal(t, "pending", s.run("status")["status"])
	assert.Equal(t, map[string]any{"enrolled": false}, s.run("look up"), "cust_123 is not a customer")

	s.without["APPLICATION_ID"] = applied["id"].(string)
	review := s.run("approve")
	assert.Equal(t, "approved", review["application"].(map[string]any)["status"])
	affiliate := review["affiliate"].(map[string]any)
	assert.Equal(t, "JANE20", affiliate["code"])
	assert.Equal(t, "approved", s.run("status")["status"])

	s.without["cust_123"] = affiliate["customerId"].(string)
	partner := s.run("look up")
	assert.Equal(t, true, partner["enrolled"])
	assert.Equal(t, "JANE20", partner["code"])
	assert.Equal(t, "active", partner["status"])
	assert.EqualValues(t, 0, partner["totalEarned"])
	assert.EqualValues(t, 409, s.run("reject")["statusCode"], "a second review")
}

func TestDocumentedCommandsRejectAnApplication(t *testing.T) {
	s := newShell(t)
	s.without["APPLICATION_ID"] = s.run("apply")["id"].(string)
	assert.Equal(t, "rejected", s.run("reject")["application"].(map[string]any)["status"])
	status := s.run("status")
	assert.Equal(t, "rejected", status["status"])
	assert.Equal(t, "Not a good fit at this time", status["rejectionReason"])
}
