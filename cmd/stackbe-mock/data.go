package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver"
)

// A dataFile keeps the state of a server. Only one process can have it open.
type dataFile struct {
	given string // the name on the command line
	path  string // the file that it leads to
	lock  *os.File
}

var errInUse = errors.New("another process has it open")

// openData locks a file, and reads it; exists is false if there is none yet. Nothing is written.
func openData(name string) (file *dataFile, document refserver.Document, exists bool, err error) {
	path, err := follow(name)
	if err != nil {
		return nil, document, false, fmt.Errorf("%s: %w", name, withoutPath(err))
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, document, false, fmt.Errorf("%s: %w", name, withoutPath(err))
	}
	file = &dataFile{given: name, path: path, lock: lock}
	document, exists, err = file.read()
	if err != nil {
		file.close()
		return nil, document, false, fmt.Errorf("%s: %w", name, withoutPath(err))
	}
	return file, document, exists, nil
}

// maxLinks is how many links a name may lead through.
const maxLinks = 40

// follow returns the file that a name leads to, or else a rename would replace a link. There may be no
// such file yet.
func follow(name string) (string, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	for range maxLinks {
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil // it is not a link
		}
		if !filepath.IsAbs(target) {
			target = filepath.Dir(path) + string(filepath.Separator) + target
		}
		path = target
	}
	return "", errors.New("too many levels of symbolic links")
}

func (f *dataFile) read() (document refserver.Document, exists bool, err error) {
	content, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return document, false, nil
	}
	if err != nil {
		return document, false, err
	}
	if len(bytes.TrimSpace(content)) == 0 {
		return document, false, errors.New("the file is empty; remove it to start with a new state")
	}
	document, err = refserver.ReadDocument(bytes.NewReader(content))
	return document, true, err
}

// withoutPath is an error without the path of the file, which the caller names.
func withoutPath(err error) error {
	if of := new(fs.PathError); errors.As(err, &of) {
		return of.Err
	}
	return err
}

func (f *dataFile) close() { _ = f.lock.Close() }

// write replaces the file. Whenever the process or the machine stops, the file has the old content or
// the new one, and never a part of one.
func (f *dataFile) write(document refserver.Document) error {
	err := f.replace(document)
	if err != nil {
		return fmt.Errorf("%s: %w", f.given, err)
	}
	return nil
}

func (f *dataFile) replace(document refserver.Document) error {
	temporary := f.path + ".tmp" // always the same, so that no killed process leaves more than one
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// Only the owner may read it: it holds secrets.
	out, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(writeAll(out, document), out.Close())
	if err == nil {
		err = os.Rename(temporary, f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return syncFolder(filepath.Dir(f.path))
}

func writeAll(out *os.File, document refserver.Document) error {
	var compact bytes.Buffer
	encoder := json.NewEncoder(&compact)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return err
	}
	if _, err := out.Write(lines(compact.Bytes())); err != nil {
		return err
	}
	return out.Sync()
}

// A keeper writes the state of a server to a file when it has changed.
type keeper struct {
	file   *dataFile
	server *refserver.Server
	logger *slog.Logger
	writes atomic.Uint64 // requests that may have changed the state
	kept   uint64        // the changes that the file has
}

// A change waits for the write in progress, for a while, and for the next write. That is to be less than
// a second. So the while is short if writes take long, and else long enough for several changes. Where a
// write takes more than half a second, as it does above 20 or 30 MiB, a change waits for longer.
const (
	longestWait  = 200 * time.Millisecond
	shortestWait = 20 * time.Millisecond
	keepWithin   = 500 * time.Millisecond
)

// waitAfter is how long to wait after a write that took a time.
func waitAfter(took time.Duration) time.Duration {
	return max(shortestWait, min(longestWait, keepWithin-2*took))
}

// counting counts the requests that may change the state.
func (k *keeper) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			defer k.writes.Add(1)
		}
		next.ServeHTTP(w, r)
	})
}

func (k *keeper) changes() uint64 { return k.writes.Load() + k.server.Changes() }

// save writes the state if it has changed since the last time.
func (k *keeper) save() error {
	changes := k.changes() // before the snapshot, which then has them all
	if changes == k.kept {
		return nil
	}
	if err := k.file.write(k.server.Snapshot()); err != nil {
		return err
	}
	k.kept = changes
	return nil
}

// start saves on change until stop is called, which saves the last state. A failure on the way is logged,
// and the next change tried again; stop notes its failure unless there is another.
func (k *keeper) start() (stop func(*error)) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		k.run(ctx)
	}()
	return func(err *error) {
		cancel()
		<-ended
		if failed := k.save(); failed != nil && *err == nil {
			*err = fmt.Errorf("-data: %w", failed)
		}
	}
}

func (k *keeper) run(ctx context.Context) {
	timer := time.NewTimer(longestWait)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		began := time.Now()
		if err := k.save(); err != nil {
			k.logger.Error("the state is not kept", "flag", "-data", "error", err)
		}
		timer.Reset(waitAfter(time.Since(began)))
	}
}
