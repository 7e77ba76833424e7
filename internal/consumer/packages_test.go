package consumer

import (
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The modules that are meant to be imported.
var modules = map[string]string{
	"the root module": "../..",
	"redisclaims":     "../../webhooks/redisclaims",
}

// eachPublicPackage runs test for every package that another module can import.
func eachPublicPackage(t *testing.T, test func(*testing.T, *types.Package)) {
	for name, directory := range modules {
		t.Run(name, func(t *testing.T) {
			for path, public := range publicPackages(t, directory) {
				t.Run(path, func(t *testing.T) { test(t, public) })
			}
		})
	}
}

// publicPackages returns the packages of the module in directory, by path, as the compiler exports them.
func publicPackages(t *testing.T, directory string) map[string]*types.Package {
	t.Helper()
	files := map[string]string{} // of export data, by import path
	var paths []string
	for line := range strings.Lines(list(t, directory)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		path, file, ours, name := fields[0], fields[1], fields[2] == "true", fields[3]
		files[path] = file
		if ours && name != "main" && !inside(path, "internal") && !inside(path, "examples") {
			paths = append(paths, path)
		}
	}
	require.NotEmpty(t, paths)
	compiled := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(files[path])
	})
	packages := map[string]*types.Package{}
	for _, path := range paths {
		public, err := compiled.Import(path)
		require.NoError(t, err)
		packages[path] = public
	}
	return packages
}

// list compiles the module in directory, and lists its packages and all that they import. The
// network stays out of it, and a module whose requirements are not in the module cache is skipped.
func list(t *testing.T, directory string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-export",
		"-f", "{{.ImportPath}}\t{{.Export}}\t{{not .DepOnly}}\t{{.Name}}", "./...")
	command.Dir = directory
	command.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
	var complaints strings.Builder
	command.Stderr = &complaints
	output, err := command.Output()
	if strings.Contains(complaints.String(), "GOPROXY=off") {
		t.Skip("a requirement of the module is not in the module cache")
	}
	require.NoError(t, err, complaints.String())
	return string(output)
}

func exported(public *types.Package) []types.Object {
	var objects []types.Object
	for _, name := range public.Scope().Names() {
		if object := public.Scope().Lookup(name); object.Exported() {
			objects = append(objects, object)
		}
	}
	return objects
}

// inside reports whether path has an element of that name.
func inside(path, element string) bool {
	return strings.Contains("/"+path+"/", "/"+element+"/")
}
