package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/control"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

const healthUsage = `Usage: stackbe-mock health [-addr host:port | -url URL]

Health ends with status 0 if a stackbe-mock responds, and with 1 if none does: for the health check of
a container.
`

type checkup struct {
	addr, url string
	timeout   time.Duration
}

func newHealthFlags(c *checkup) *flag.FlagSet {
	flags := flag.NewFlagSet("health", flag.ContinueOnError)
	flags.StringVar(&c.addr, "addr", defaultAddr, "`host:port` that the server listens on, as its own -addr has it")
	flags.StringVar(&c.url, "url", "", "`URL` of the server, in place of -addr")
	flags.DurationVar(&c.timeout, "timeout", 5*time.Second, "`duration` that the server has to respond")
	return flags
}

// health asks a server whether it is there.
func health(ctx context.Context, args []string, stdout io.Writer) error {
	var c checkup
	flags := newHealthFlags(&c)
	others, err := parseCommand(flags, healthUsage, args, stdout)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return fmt.Errorf("health: unexpected argument %q; stackbe-mock health -help lists the flags", others[0])
	}
	base, err := c.base(given(flags))
	if err != nil {
		return err
	}
	if err := c.ask(ctx, base+control.Prefix+"health"); err != nil {
		return fmt.Errorf("%s is not healthy: %w", base, err)
	}
	_, err = fmt.Fprintln(stdout, base, "is healthy")
	return err
}

// base is the URL of the server.
func (c *checkup) base(given map[string]bool) (string, error) {
	switch {
	case c.timeout <= 0:
		return "", errors.New("-timeout: must be above 0")
	case given["addr"] && given["url"]:
		return "", errors.New("-url: give it or -addr, not both")
	case given["url"]:
		if delivery.CheckURL(c.url) != nil {
			return "", errors.New("-url: must be an absolute http or https URL without credentials")
		}
		return strings.TrimSuffix(c.url, "/"), nil
	}
	host, port, err := net.SplitHostPort(c.addr)
	if err != nil {
		return "", fmt.Errorf("-addr: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost" // that of both families
	}
	return httpURL(net.JoinHostPort(host, port)), nil
}

func (c *checkup) ask(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no response within %v", c.timeout)
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var says struct{ Status string }
	err = json.NewDecoder(io.LimitReader(response.Body, 1<<10)).Decode(&says)
	if response.StatusCode != http.StatusOK || err != nil || says.Status != "ok" {
		return fmt.Errorf("the response is not that of a stackbe-mock: %s", response.Status)
	}
	return nil
}
