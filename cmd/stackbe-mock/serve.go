package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/control"
)

// shutdownTimeout is how long requests in flight may take when the server is to end.
const shutdownTimeout = 5 * time.Second

// collectorPercent lets garbage grow to four times what is in use before it is collected: the responses
// are small, and what is in use usually is as well. GOGC in the environment has the last word.
const collectorPercent = 400

// runServer serves until the context ends.
func runServer(ctx context.Context, o options, stdout io.Writer) (err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectorPercent)
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	server := refserver.New(refserver.Config{
		EnforceRateLimits: o.rateLimits,
		WebhookRetries:    o.webhookRetries,
		Contract:          o.contract,
		PublicURL:         o.publicURL,
		Seed:              o.seed,
		Logger:            logger,
	})
	defer server.Close()
	shown, file, err := fill(server, o)
	if file != nil {
		defer file.close()
	}
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("-addr: %w; choose another", err)
	}
	access := o.access(listener.Addr())
	handler := newHandler(server, access, o.publicHost(), logger)
	if file != nil {
		k := &keeper{file: file, server: server, logger: logger, kept: math.MaxUint64}
		if err := k.save(); err != nil { // before anyone is told of it
			_ = listener.Close()
			return fmt.Errorf("-data: %w", err)
		}
		handler = k.counting(handler)
		defer k.start()(&err)
	}
	hello := greeting{shown: shown, options: o, url: baseURL(listener.Addr()), access: access}
	if access != control.None {
		link, err := server.ConsoleLink(shown.ID)
		if err != nil {
			_ = listener.Close()
			return err
		}
		hello.console = cmp.Or(strings.TrimSuffix(o.publicURL, "/"), hello.url) + link
	}
	if err := hello.write(stdout); err != nil {
		_ = listener.Close() // the failure to greet is what matters
		return err
	}
	httpServer := server.HTTPServer()
	httpServer.Handler = handler
	return serve(ctx, listener, httpServer)
}

// access is to the control API and the console.
func (o options) access(listening net.Addr) control.Access {
	address, ok := listening.(*net.TCPAddr)
	switch {
	case o.public:
		return control.Public
	case ok && address.IP.IsLoopback():
		return control.Local
	default:
		return control.None
	}
}

// publicHost is the host of the public URL, without a port; empty if there is none.
func (o options) publicHost() string {
	parsed, _ := url.Parse(o.publicURL) // the flag is checked
	return parsed.Hostname()
}

// newHandler serves the control API beside the reference server, and keeps its console from those who may
// not use it. The console, which needs a credential, responds under the public host as well. A reset
// returns to the present state.
func newHandler(server *refserver.Server, access control.Access, publicHost string, logger *slog.Logger) http.Handler {
	controls := control.New(control.Config{Server: server, Initial: server.Snapshot(), Access: access, Logger: logger})
	console := control.Guard(access, publicHost, server)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, control.Prefix):
			controls.ServeHTTP(w, r)
		case r.URL.Path == "/console" || strings.HasPrefix(r.URL.Path, "/console/"):
			console.ServeHTTP(w, r)
		default:
			server.ServeHTTP(w, r)
		}
	})
}

func serve(ctx context.Context, listener net.Listener, server *http.Server) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}
