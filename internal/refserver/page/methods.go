package page

import (
	"net/http"
	"slices"
)

// Methods are those that the path of a request has. mux has a handler of "/" for all other requests.
func Methods(mux *http.ServeMux, r *http.Request) []string {
	all := []string{http.MethodGet, http.MethodHead, http.MethodPost}
	return slices.DeleteFunc(all, func(method string) bool {
		probe := r.Clone(r.Context())
		probe.Method = method
		_, pattern := mux.Handler(probe)
		return pattern == "/"
	})
}
