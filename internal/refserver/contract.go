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

var errOwnPath = errors.New("a path overlaps one of the server's own: those of the partner account and of the administration, /portal/{token} and /openapi.yaml")

// CheckContract fails with an error that says what of c the server cannot speak.
func CheckContract(c contract.Contract) (err error) {
	if field, err := transport.CheckContract(c); err != nil {
		return fmt.Errorf("%s %w", field, err)
	}
	if err := checkSignatureHeader(c.SignatureHeader); err != nil {
		return fmt.Errorf("SignatureHeader: %w", err)
	}
	defer func() {
		if recover() != nil {
			err = errOwnPath // http.ServeMux tells of a conflict by a panic
		}
	}()
	api.New(api.Config{Contract: c, Portal: http.NotFoundHandler()})
	return nil
}

// checkSignatureHeader fails for a header that no receiver can be told of.
func checkSignatureHeader(name string) error {
	if name == "" {
		return nil
	}
	_, err := webhooks.NewVerifier("a secret of any text", webhooks.WithSignatureHeader(name))
	return err
}
