package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"sync"
)

//go:embed assets
var assetFiles embed.FS

// AssetsPath is the folder that [Assets] serves.
const AssetsPath = "/assets/"

// An asset is a file that pages load. Its path names its content, so that it can be cached forever.
type asset struct {
	path, contentType string
	content           []byte
}

// assetsByName are read when a page first needs one.
var assetsByName = sync.OnceValue(readAssets)

func readAssets() map[string]asset {
	files, err := fs.Glob(assetFiles, "assets/*")
	if err != nil {
		panic(err)
	}
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	read := map[string]asset{}
	for _, file := range files {
		content, err := assetFiles.ReadFile(file)
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(content)
		name := path.Base(file)
		read[name] = asset{
			path:        AssetsPath + base64.RawURLEncoding.EncodeToString(sum[:9]) + "/" + name,
			contentType: types[path.Ext(name)],
			content:     content,
		}
	}
	return read
}

// assetPath is the path of an asset, which must exist.
func assetPath(name string) string {
	found, known := assetsByName()[name]
	if !known {
		panic("page: there is no asset " + name)
	}
	return found.path
}

func assetAt(path string) (found asset, known bool) {
	for _, file := range assetsByName() {
		if file.path == path {
			return file, true
		}
	}
	return asset{}, false
}

// Assets serves the style sheet, the script and the icon of the pages.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		if !reads(r) {
			w.Header().Set("Allow", "GET, HEAD")
			plain(w, http.StatusMethodNotAllowed, "This file can only be read.\n")
			return
		}
		found, known := assetAt(r.URL.Path)
		if !known {
			plain(w, http.StatusNotFound, "There is no such file.\n")
			return
		}
		w.Header().Set("Content-Type", found.contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(found.content)))
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		if r.Method == http.MethodHead {
			return
		}
		_, _ = w.Write(found.content) // a reader that has gone away needs no file
	})
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", mime.FormatMediaType("text/plain", map[string]string{"charset": "utf-8"}))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a reader that has gone away needs no text
}
