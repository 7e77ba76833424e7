package browser

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A cache is a shared cache in front of a site, as a CDN has one. It stores all that RFC 9111 lets a shared cache
// store, and responds with it wherever it may. In particular it stores a response that sets a cookie: section 7.3 leaves
// it to the site to forbid that.
type cache struct {
	origin *url.URL
	client *http.Client

	mu     sync.Mutex
	stored map[string][]stored // by URL; one for each of the requests that Vary distinguishes
}

// A stored response, and the request that it responds to.
type stored struct {
	request  http.Header
	status   int
	header   http.Header
	body     []byte
	storedAt time.Time
}

// newCache starts a cache in front of an origin, and returns its base URL.
func newCache(t testing.TB, origin string) (address string) {
	t.Helper()
	parsed, err := url.Parse(origin)
	require.NoError(t, err)
	server := httptest.NewServer(&cache{
		origin: parsed,
		client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		stored: make(map[string][]stored),
	})
	t.Cleanup(server.Close)
	return server.URL
}

func (c *cache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.URL.RequestURI()
	if found, ok := c.fresh(key, r); ok {
		found.header.Set("Age", strconv.Itoa(int(time.Since(found.storedAt).Seconds())))
		respond(w, found, "hit")
		return
	}
	received, err := c.forward(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	switch {
	case mayStore(r, received):
		c.store(key, received)
	case r.Method != http.MethodGet && r.Method != http.MethodHead && received.status < 400:
		c.forget(key) // section 4.4
	}
	respond(w, received, "miss")
}

func respond(w http.ResponseWriter, response stored, cached string) {
	maps.Copy(w.Header(), response.header)
	w.Header().Set("X-Cache", cached)
	w.WriteHeader(response.status)
	_, _ = w.Write(response.body)
}

// forward sends a request on to the origin, under the host that the visitor asked for.
func (c *cache) forward(r *http.Request) (stored, error) {
	request := r.Clone(r.Context())
	request.RequestURI = ""
	request.URL.Scheme, request.URL.Host = c.origin.Scheme, c.origin.Host
	request.Header.Del("Connection")
	response, err := c.client.Do(request)
	if err != nil {
		return stored{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return stored{request: r.Header.Clone(), status: response.StatusCode, header: response.Header, body: body, storedAt: time.Now()}, err
}

// fresh finds a stored response that may be used without asking the origin, as section 4 has it.
func (c *cache) fresh(key string, r *http.Request) (stored, bool) {
	wanted := directives(r.Header)
	_, noCache := wanted["no-cache"]
	if r.Method != http.MethodGet || noCache || wanted["max-age"] == "0" || r.Header.Get("Range") != "" {
		return stored{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, candidate := range c.stored[key] {
		_, revalidate := directives(candidate.header)["no-cache"]
		if selects(candidate, r) && !revalidate && time.Since(candidate.storedAt) < lifetime(candidate.header) {
			candidate.header = candidate.header.Clone()
			return candidate, true
		}
	}
	return stored{}, false
}

// selects reports whether all that a response varies by is the same in a request, as section 4.1 has it.
func selects(response stored, r *http.Request) bool {
	for _, name := range list(response.header, "Vary") {
		if !slices.Equal(response.request.Values(name), r.Header.Values(name)) {
			return false
		}
	}
	return true
}

func (c *cache) store(key string, response stored) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stored[key] = append([]stored{response}, c.stored[key]...)
}

func (c *cache) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.stored, key)
}

// mayStore reports whether section 3 lets a shared cache store a response.
func mayStore(r *http.Request, response stored) bool {
	said := directives(response.header)
	has := func(name string) bool { _, ok := said[name]; return ok }
	_, refused := directives(r.Header)["no-store"]
	switch {
	case r.Method != http.MethodGet, response.status != http.StatusOK, refused, has("no-store"), has("private"):
		return false
	case slices.Contains(list(response.header, "Vary"), "*"):
		return false
	case r.Header.Get("Authorization") != "":
		return has("public") || has("s-maxage") || has("must-revalidate")
	default:
		return true // 200 may be stored even where nothing says so
	}
}

// heuristic is how long a response is fresh that does not say for how long. Section 4.2.2 leaves it to the cache.
const heuristic = time.Minute

// lifetime is how long a response is fresh, as section 4.2.1 has it.
func lifetime(header http.Header) time.Duration {
	said := directives(header)
	for _, name := range []string{"s-maxage", "max-age"} {
		if text, ok := said[name]; ok {
			seconds, _ := strconv.Atoi(text) // not a number: stale
			return time.Duration(seconds) * time.Second
		}
	}
	if text := header.Get("Expires"); text != "" {
		expires, _ := http.ParseTime(text) // not a time: stale
		return time.Until(expires)
	}
	return heuristic
}

// directives are those of Cache-Control, each with its argument.
func directives(header http.Header) map[string]string {
	found := make(map[string]string)
	for _, directive := range list(header, "Cache-Control") {
		name, argument, _ := strings.Cut(directive, "=")
		found[strings.ToLower(name)] = strings.Trim(argument, `"`)
	}
	return found
}

// list is a header whose values are lists.
func list(header http.Header, name string) (members []string) {
	for member := range strings.SplitSeq(strings.Join(header.Values(name), ","), ",") {
		if member = strings.TrimSpace(member); member != "" {
			members = append(members, member)
		}
	}
	return members
}

func TestCacheStoresWhatASharedCacheMayStore(t *testing.T) {
	for name, test := range map[string]struct {
		response, request http.Header
		hit               bool
	}{
		"public":                       {response: http.Header{"Cache-Control": {"public, max-age=600"}}, hit: true},
		"shared for longer":            {response: http.Header{"Cache-Control": {"max-age=0, s-maxage=600"}}, hit: true},
		"shared for no time":           {response: http.Header{"Cache-Control": {"max-age=600, s-maxage=0"}}},
		"nothing said":                 {hit: true},
		"a cookie":                     {response: http.Header{"Set-Cookie": {"a=b"}}, hit: true},
		"private":                      {response: http.Header{"Cache-Control": {"private, max-age=600"}}},
		"private among other headers":  {response: http.Header{"Cache-Control": {"public, max-age=600", "Private"}}},
		"no-store":                     {response: http.Header{"Cache-Control": {"public, no-store"}}},
		"no-cache":                     {response: http.Header{"Cache-Control": {"public, max-age=600, no-cache"}}},
		"expired":                      {response: http.Header{"Expires": {"0"}}},
		"varies by all":                {response: http.Header{"Vary": {"*"}}},
		"varies by what is the same":   {response: http.Header{"Vary": {"Accept-Language"}}, hit: true},
		"a request that wants it anew": {request: http.Header{"Cache-Control": {"no-cache"}}},
		"a request that is authorized": {request: http.Header{"Authorization": {"Bearer a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked++
				maps.Copy(w.Header(), test.response)
				_, _ = io.WriteString(w, "page")
			}))
			defer site.Close()
			address := newCache(t, site.URL)
			for range 2 {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
				require.NoError(t, err)
				maps.Copy(request.Header, test.request)
				response, err := http.DefaultClient.Do(request)
				require.NoError(t, err)
				body, err := io.ReadAll(response.Body)
				require.NoError(t, errors.Join(err, response.Body.Close()))
				assert.Equal(t, "page", string(body))
				for name, values := range test.response {
					assert.Equal(t, values, response.Header.Values(name))
				}
			}
			if test.hit {
				assert.Equal(t, 1, asked)
			} else {
				assert.Equal(t, 2, asked)
			}
		})
	}
}
