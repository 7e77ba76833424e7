package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/webhooks"
)

func apply(t *testing.T, url, key, email string) {
	t.Helper()
	status, body := call(t, http.MethodPost, url+"/v1/affiliate/apply", `{"email": "`+email+`", "name": "Jane"}`, "X-Api-Key", key)
	require.Equal(t, http.StatusCreated, status, body)
}

func applied(t *testing.T, url, key, email string) bool {
	return strings.Contains(get(t, url+"/v1/affiliate/apply/status?email="+email, "X-Api-Key", key), `"applied":true`)
}

func TestDataIsKeptFromRunToRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	first := startProcess(t, "-data", file, "-demo", "-seed", "3")
	apply(t, first.URL, first.APIKey, "new@example.com")
	status, body := call(t, http.MethodPost, first.ControlURL+"/clock", `{"advance": "10d"}`)
	require.Equal(t, 200, status, body)
	first.interrupt(t)

	second := startProcess(t, "-data", file, "-seed", "4")
	assert.Equal(t, first.CustomerID, second.CustomerID, "what the demo has made stays")
	assert.True(t, applied(t, second.URL, second.APIKey, "new@example.com"))
	assert.NotEqual(t, first.Session, second.Session)
	get(t, second.URL+"/v1/affiliate", "Authorization", "Bearer "+first.Session)
	assert.Greater(t, get(t, second.ControlURL+"/clock"), body, "time goes on from where it was")

	status, body = call(t, http.MethodPost, second.ControlURL+"/reset", "")
	require.Equal(t, 204, status, body)
	assert.True(t, applied(t, second.URL, second.APIKey, "new@example.com"), "a reset returns to the state at the start of the process")
}

func TestDataIsReadableByItsOwnerOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	startProcess(t, "-data", file).interrupt(t)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, left, 2)
	assert.Equal(t, "state.json.lock", left[1].Name(), "no temporary file is left")
}

func TestDataIsWrittenThroughLink(t *testing.T) {
	folder := t.TempDir()
	target, link := filepath.Join(folder, "target.json"), filepath.Join(folder, "link.json")
	startProcess(t, "-data", target).interrupt(t)
	if err := os.Symlink(target, link); err != nil {
		skip(t, err)
	}
	p := startProcess(t, "-data", link)
	apply(t, p.URL, p.APIKey, "new@example.com")
	assertInUse(t, target) // it is the same file
	p.interrupt(t)
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
	content, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.Contains(t, string(content), "new@example.com")
}

func TestDataIsWrittenThroughLinkToAFileThatDoesNotExist(t *testing.T) {
	folder := t.TempDir()
	link := filepath.Join(folder, "link.json")
	for name, to := range map[string]string{link: "another.json", filepath.Join(folder, "another.json"): filepath.Join(folder, "target.json")} {
		if err := os.Symlink(to, name); err != nil {
			skip(t, err)
		}
	}
	startProcess(t, "-data", link).interrupt(t)
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
	assert.FileExists(t, filepath.Join(folder, "target.json"))
}

func assertInUse(t *testing.T, file string) {
	t.Helper()
	err := run(t.Context(), []string{"-data", file, "-addr", "127.0.0.1:0"}, io.Discard)
	assert.ErrorContains(t, err, "-data: "+file+": another process has it open")
}

func TestDataBelongsToOneProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	p := startProcess(t, "-data", file)
	assertInUse(t, file)
	p.kill()
	startProcess(t, "-data", file) // the lock ends with the process
}

func TestDataThatCannotBeReadIsAnErrorAndStays(t *testing.T) {
	folder := t.TempDir()
	for name, c := range map[string]struct{ content, want string }{
		"an empty file":               {"", "empty"},
		"white space":                 {" \n", "empty"},
		"text":                        {"hello", "invalid character"},
		"a torn document":             {`{"version": 1, "apps": [`, "unexpected EOF"},
		"a document and more":         {`{"version": 1} {}`, "more text"},
		"an unknown field":            {`{"version": 1, "color": "green"}`, "color"},
		"another version":             {`{"version": 2}`, "version"},
		"a reference to nothing":      {`{"version": 1, "apps": [{"id": "a", "deals": [{"id": "d"}]}]}`, "deals[0]"},
		"a clock that went backwards": {`{"version": 1, "ahead": "-1h"}`, "backwards"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(folder, "state.json")
			require.NoError(t, os.WriteFile(file, []byte(c.content), 0o644))
			status, stdout, stderr := runs(t, "", "-data", file, "-addr", "127.0.0.1:0", "-json")
			assert.Equal(t, 1, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, "-data: "+file+": ")
			assert.Contains(t, stderr, c.want)
			left, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, c.content, string(left))
		})
	}

	t.Run("a folder", func(t *testing.T) {
		assert.ErrorContains(t, run(t.Context(), []string{"-data", folder}, io.Discard), "-data: "+folder+": ")
	})
	t.Run("a folder that there is not", func(t *testing.T) {
		file := filepath.Join(folder, "none", "state.json")
		assert.ErrorContains(t, run(t.Context(), []string{"-data", file}, io.Discard), "-data: "+file+": ")
	})
	t.Run("no name", func(t *testing.T) {
		assert.ErrorContains(t, run(t.Context(), []string{"-data", ""}, io.Discard), "-data: ")
	})
}

func TestStateThatCannotBeKeptIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	p := startProcess(t, "-data", file)
	require.NoError(t, os.Mkdir(file+".tmp", 0o700)) // in the place of the temporary file
	require.NoError(t, os.WriteFile(filepath.Join(file+".tmp", "full"), nil, 0o600))
	apply(t, p.URL, p.APIKey, "new@example.com")
	require.NoError(t, p.Process.Signal(os.Interrupt))
	require.Error(t, p.Wait())
	assert.Equal(t, 1, p.ProcessState.ExitCode())
	assert.Contains(t, p.stderr.String(), "-data: "+file)
}

func TestFlagsChangeTheAppOfTheData(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	first := startProcess(t, "-data", file, "-app-id", "app_own", "-api-key", "sk_own", "-admin-token", "admin_own")
	first.interrupt(t)

	second := startProcess(t, "-data", file)
	assert.Equal(t, []string{"app_own", "sk_own", "admin_own"}, []string{second.AppID, second.APIKey, second.AdminToken})
	second.interrupt(t)

	third := startProcess(t, "-data", file, "-app-id", "app_own", "-api-key", "sk_new")
	assert.Equal(t, []string{"app_own", "sk_new", "admin_own"}, []string{third.AppID, third.APIKey, third.AdminToken})
	assert.True(t, applied(t, third.URL, "sk_new", "demo@example.com"))
	third.interrupt(t)

	assert.ErrorContains(t, run(t.Context(), []string{"-data", file, "-app-id", "app_other"}, io.Discard), "-app-id: ")
	assert.ErrorContains(t, run(t.Context(), []string{"-data", file, "-api-key", "admin_own"}, io.Discard), "-data: ")
}

func TestDataWithoutAppGetsOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"version": 1}`), 0o600))
	p := startProcess(t, "-data", file)
	assert.Equal(t, "app_mock", p.AppID)
	assert.Empty(t, p.Session, "there is no partner")
	apply(t, p.URL, p.APIKey, "new@example.com")
	p.interrupt(t)

	m := start(t, "-data", file)
	assert.Contains(t, m.greeting, "none yet")
	assert.Contains(t, m.greeting, file+" keeps its state")
}

func TestWebhookOfTheDataIsNotAddedAgain(t *testing.T) {
	events := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		for _, secret := range []string{"the first secret", "the second secret"} {
			verifier, err := webhooks.NewVerifier(secret)
			assert.NoError(t, err)
			if verifier.Verify(r.Header, body) == nil {
				events <- secret
			}
		}
	}))
	t.Cleanup(hook.Close)
	file := filepath.Join(t.TempDir(), "state.json")
	for i, args := range [][]string{
		{"-webhook-url", hook.URL, "-webhook-secret", "the first secret"},
		{},
		{"-webhook-url", hook.URL, "-webhook-secret", "the second secret"},
	} {
		p := startProcess(t, append(args, "-data", file)...)
		assert.Equal(t, hook.URL, p.WebhookURL)
		email := strings.Repeat("x", i+1) + "@example.com"
		status, body := call(t, http.MethodPost, p.URL+"/v1/apps/"+p.AppID+"/customers", `{"email": "`+email+`"}`, "Authorization", "Bearer "+p.AdminToken)
		require.Equal(t, 201, status, body)
		get(t, p.ControlURL+"/deliveries?settle=true")
		assert.Equal(t, p.WebhookSecret, <-events)
		assert.Empty(t, events, "one webhook gets one delivery")
		p.interrupt(t)
	}
}

// A file is written on change, not only at the end.
func TestDataIsKeptOnChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	p := startProcess(t, "-data", file)
	apply(t, p.URL, p.APIKey, "new@example.com")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(content), "new@example.com") {
			return
		}
		require.NoError(t, ctx.Err(), "the change is not kept")
	}
}
