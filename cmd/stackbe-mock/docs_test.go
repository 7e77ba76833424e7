package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/freeport"
)

// The commands of docs/testing.md run as they are, but for the ports.
func TestTestingPageOnOtherLanguages(t *testing.T) {
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			skip(t, err)
		}
	}
	page, err := os.ReadFile(filepath.FromSlash("../../docs/testing.md"))
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)<!-- test: "+t.Name()+" -->\n```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 2)

	receiver := newReceiver(t, defaultSecret)
	address := freeport.Address(t)
	script := "trap 'kill $(jobs -p)' EXIT\n" + strings.NewReplacer(
		"stackbe-mock -json", "stackbe-mock -addr "+address+" -json",
		"stackbe-mock health", "stackbe-mock health -addr "+address,
		"127.0.0.1:4010", address,
		"http://127.0.0.1:8080/webhooks/stackbe", receiver.url,
	).Replace(blocks[0][1]+blocks[1][1])

	folder := t.TempDir()
	executable, err := os.Executable()
	require.NoError(t, err)
	wrapper := "#!/bin/sh\nexec '" + executable + "' \"$@\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "stackbe-mock"), []byte(wrapper), 0o700))
	run := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	run.Dir = folder
	run.Env = append(os.Environ(), asProgram+"=1", "NO_PROXY=*", "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	output, err := run.CombinedOutput()
	require.NoError(t, err, "%s", output)

	assert.Equal(t, "subscription.canceled", string((<-receiver.events).Type))
	assert.Equal(t, "my.event", string((<-receiver.events).Type))
	announced, err := os.ReadFile(filepath.Join(folder, "mock.json"))
	require.NoError(t, err)
	assert.Contains(t, string(announced), `"code":"JANE20"`)
}
