package affiliates

import (
	"bytes"
	"net/http"
	"strings"
)

// prefetched reports whether a browser fetches the page before the visitor opens it, if ever.
func prefetched(r *http.Request) bool {
	for _, name := range [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		for _, value := range r.Header[name] {
			purpose := strings.ToLower(value)
			if strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender") || strings.Contains(purpose, "preview") {
				return true
			}
		}
	}
	return false
}

// embedded reports whether the browser says that it fetches a part of a page, such as an image
// or a frame, or that a script of another site does: no visitor has followed a link.
func embedded(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "", "document":
		return false
	case "empty": // fetch, and a prefetch by a link element
		return r.Header.Get("Sec-Fetch-Site") == "cross-site"
	}
	return true
}

// botWords are in the User-Agent of crawlers, link previews and monitors, in lower case. A
// browser without a window, and an HTTP client, are not bots by that alone.
var botWords = [][]byte{
	[]byte("crawler"), []byte("spider"), []byte("slurp"), []byte("facebookexternalhit"), []byte("facebookcatalog"),
	[]byte("meta-externalagent"), []byte("mediapartners-google"), []byte("google-inspectiontool"), []byte("googleother"),
	[]byte("feedfetcher"), []byte("bingpreview"), []byte("skypeuripreview"), []byte("whatsapp/"), []byte("embedly"), []byte("vkshare"),
	[]byte("ia_archiver"), []byte("chrome-lighthouse"), []byte("pingdom"), []byte("statuscake"), []byte("w3c_validator"),
}

// maxUserAgent is how much of a User-Agent is read.
const maxUserAgent = 512

// saysBot reports whether the User-Agent says that it is a bot's.
func saysBot(r *http.Request) bool {
	var room [maxUserAgent]byte
	agent := r.Header.Get("User-Agent")
	lower := room[:copy(room[:], agent)]
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	for _, word := range botWords {
		if bytes.Contains(lower, word) {
			return true
		}
	}
	return namedBot(lower)
}

var bot = []byte("bot")

// namedBot reports whether a word ends in "bot", as Googlebot. CUBOT makes phones.
func namedBot(lower []byte) bool {
	for {
		at := bytes.Index(lower, bot)
		if at < 0 {
			return false
		}
		end := at + len(bot)
		ends := end == len(lower) || lower[end] < 'a' || lower[end] > 'z'
		if ends && !bytes.HasSuffix(lower[:at], []byte("cu")) {
			return true
		}
		lower = lower[end:]
	}
}
