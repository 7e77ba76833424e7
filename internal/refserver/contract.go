package refserver

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/transport"
)

var errOwnPath = errors.New("a path overlaps one of the server's own, /portal/{token} and /openapi.yaml")

// CheckContract fails with an error that says what of c the server cannot speak.
func CheckContract(c contract.Contract) (err error) {
	if field, err := transport.CheckContract(c); err != nil {
		return fmt.Errorf("%s %w", field, err)
	}
	defer func() {
		if recover() != nil {
			err = errOwnPath // http.ServeMux tells of a conflict by a panic
		}
	}()
	api.New(api.Config{Contract: c, Portal: http.NotFoundHandler()})
	return nil
}
