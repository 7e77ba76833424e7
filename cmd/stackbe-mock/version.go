package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by a release build: -ldflags "-X main.version=v1.2.3".
var version string

// describeVersion says what was built, and with what. Without a version from the build, it is that of
// the module, as go install leaves it.
func describeVersion() string {
	return fmt.Sprintf("stackbe-mock %s %s %s/%s", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return cmp.Or(version, info.Main.Version, "(devel)")
}
