package api

import (
	"net/http"

	contract "github.com/stackbe/stackbe-go/api"
)

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	_, _ = w.Write(contract.OpenAPI()) // a disconnected caller needs no response
}
