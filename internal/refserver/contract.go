package refserver

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/transport"
	"github.com/stackbe/stackbe-go/webhooks"
)

var errOwnPath = errors.New("a path overlaps one of the server's own: those of the partner account and of the administration, of the pages below /portal/, /console/ and /assets/, and /openapi.yaml")

// pagePaths are the first segments of the paths that pages have.
var pagePaths = []string{"assets", "console", "portal"}

// CheckContract returns an error that names the field of c that the server does not
// support.
func CheckContract(c contract.Contract) (err error) {
	if c == (contract.Contract{}) {
		return nil // the default, which needs no look
	}
	if field, err := transport.CheckContract(c); err != nil {
		return fmt.Errorf("%s %w", field, err)
	}
	if err := checkSignatureHeader(c.SignatureHeader); err != nil {
		return fmt.Errorf("SignatureHeader: %w", err)
	}
	defer func() {
		if recover() != nil {
			err = errOwnPath // http.ServeMux and api.New tell of a conflict by a panic
		}
	}()
	pages := map[string]http.Handler{}
	for _, first := range pagePaths {
		pages[first] = http.NotFoundHandler()
	}
	api.New(api.Config{Contract: c, Pages: pages})
	return nil
}

// checkSignatureHeader returns an error for a header that a receiver cannot be
// configured with.
func checkSignatureHeader(name string) error {
	if name == "" {
		return nil
	}
	_, err := webhooks.NewVerifier("a secret of any text", webhooks.WithSignatureHeader(name))
	return err
}
