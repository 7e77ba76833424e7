package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// names are the programs that may be Chromium, in the order in which they are tried.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// A process is the one Chromium that all tests share. Each tab of it has a browser context of its own:
// its cookies, its cache.
var process struct {
	once sync.Once
	ctx  context.Context
	stop context.CancelFunc
	err  error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if process.stop != nil {
		process.stop()
	}
	os.Exit(status)
}

// chromium returns the context of the running Chromium. Where it is not installed, the test is skipped; in CI, it
// fails.
func chromium(t testing.TB) context.Context {
	t.Helper()
	path := find()
	if path == "" {
		missing(t, "install Chromium")
	}
	process.once.Do(func() { start(path) })
	require.NoError(t, process.err)
	return process.ctx
}

func find() (path string) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// missing skips the test, which needs what the advice says to install; in CI, the test fails.
func missing(t testing.TB, advice string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		require.FailNow(t, advice)
	}
	t.Skip(advice + ", to run this test")
}

// start starts Chromium, which finds no host but the loopback addresses, and
// this machine under the names below .localhost and .test.
func start(path string) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.Flag("host-resolver-rules", "MAP *.localhost 127.0.0.1, MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("disable-features", "Translate,BackForwardCache"), // so that the back button requests the page
		chromedp.Flag("hide-scrollbars", true),
		chromedp.WSURLReadTimeout(2*time.Minute),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	process.ctx, process.stop = chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(options...))
	if err := chromedp.Do(process.ctx); err != nil {
		process.err = fmt.Errorf("start %s: %w", path, err)
	}
}
