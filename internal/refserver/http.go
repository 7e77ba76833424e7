package refserver

import (
	"net/http"
	"time"
)

// Limits on a connection, so that no client holds one, or its memory, for long. No request that
// docs/contract.md describes comes near them.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second // headers and body
	writeTimeout      = time.Minute      // from the end of the headers to the end of the response
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// HTTPServer serves s within limits. The caller starts and closes it.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// OPTIONS * gets a response as any other request does.
		DisableGeneralOptionsHandler: true,
	}
}
