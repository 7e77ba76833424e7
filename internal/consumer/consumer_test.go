// Package consumer tests the SDK from another module, as an importer: which modules
// it compiles, and whether it builds and runs.
package consumer

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
)

const program = `package main

import (
	"context"
	"fmt"
	"os"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

func main() {
	client, err := stackbe.New(stackbe.Config{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	_, err = client.Affiliates.Apply(context.Background(), affiliates.ApplyParams{
		Email: "jane@acme.com",
		Name:  "Jane Smith",
	})
	fmt.Println(err)
}
`

func TestImport(t *testing.T) {
	directory := newModule(t, program)

	t.Run("compiles no module beyond the three that it requires", func(t *testing.T) {
		listed := run(t, directory, "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")
		modules := slices.Compact(slices.Sorted(strings.FieldsSeq(listed)))
		assert.Subset(t, []string{
			"example.com/consumer",
			"github.com/stackbe/stackbe-go",
			"github.com/google/go-querystring",
			"github.com/hashicorp/go-retryablehttp",
			"github.com/hashicorp/go-cleanhttp", // which go-retryablehttp requires
			"github.com/shopspring/decimal",
		}, modules)
		assert.Contains(t, modules, "github.com/stackbe/stackbe-go")
	})

	t.Run("builds a program that runs", func(t *testing.T) {
		assert.Equal(t, stackbe.ErrNoAPIKey.Error()+"\n", run(t, directory, "run", "."))
	})
}

// newModule writes a module of a program that requires this one as it is on disk, and
// lists its requirements as go mod tidy would: the go command then needs no more than
// this test itself was built from.
func newModule(t *testing.T, program string) string {
	t.Helper()
	const sdk = "github.com/stackbe/stackbe-go"
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	requirements := strings.Replace(read(t, root, "go.mod"), "module "+sdk, "module example.com/consumer", 1)

	directory := t.TempDir()
	write(t, directory, "go.mod", requirements+"\nrequire "+sdk+" v0.0.0\nreplace "+sdk+" => "+strconv.Quote(root)+"\n")
	write(t, directory, "go.sum", read(t, root, "go.sum"))
	write(t, directory, "main.go", program)
	return directory
}

func read(t *testing.T, directory, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(directory, name))
	require.NoError(t, err)
	return string(content)
}

func write(t *testing.T, directory, name, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600))
}

// run returns the standard output of a go command. What it needs is in the
// module cache, since this test was built from there; the network stays out of it.
func run(t *testing.T, directory string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", arguments...)
	command.Dir = directory
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	var complaints strings.Builder
	command.Stderr = &complaints
	output, err := command.Output()
	require.NoError(t, err, complaints.String())
	return string(output)
}
