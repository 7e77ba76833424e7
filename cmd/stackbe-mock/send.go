package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/stackbe/stackbe-go/webhooks"
)

const sendUsage = `Usage: stackbe-mock send -body FILE [-to URL]

Send signs a body of your own, and sends it to a receiver as it is, byte for byte. It fails if the
receiver does not accept it. No server has to run.
`

type sending struct {
	posting
	body, id string
}

func newSendFlags(s *sending) *flag.FlagSet {
	flags := flag.NewFlagSet("send", flag.ContinueOnError)
	s.flags(flags)
	flags.StringVar(&s.body, "body", "", "`file` with the body, a JSON object; - for standard input")
	flags.StringVar(&s.id, "id", "", "webhook-`id` of the scheme standard (default: the id of the body, or else a random one)")
	return flags
}

// send sends a body of the user's own.
func send(ctx context.Context, args []string, stdout io.Writer) error {
	var s sending
	others, err := parseCommand(newSendFlags(&s), sendUsage, args, stdout)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return fmt.Errorf("send: unexpected argument %q; stackbe-mock send -help lists the flags", others[0])
	}
	if s.body == "" {
		return errors.New("-body: which file? Give its name, or - for standard input")
	}
	if err := s.check(); err != nil {
		return err
	}
	body, err := readBody(s.body)
	if err != nil {
		return fmt.Errorf("-body: %w", err)
	}
	id, err := s.idFor(body)
	if err != nil {
		return err
	}
	return s.post(ctx, nameOf(s.body), body, id, stdout)
}

// idFor is the id to sign with a body: that of the flag, or else that of the body, if it can be one.
func (s *sending) idFor(body []byte) (string, error) {
	if _, err := webhooks.Sign(body, s.signing("")); err != nil {
		return "", fmt.Errorf("-body: %w", err)
	}
	if _, err := webhooks.Sign(body, s.signing(s.id)); err != nil {
		return "", fmt.Errorf("-id: %w", err)
	}
	own := idOf(body)
	if _, err := webhooks.Sign(body, s.signing(own)); err != nil {
		own = ""
	}
	return cmp.Or(s.id, own), nil
}

// nameOf is what a message calls a file.
func nameOf(file string) string {
	if file == "-" {
		return "the body"
	}
	return file
}

func readBody(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}
