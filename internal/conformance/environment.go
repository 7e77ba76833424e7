package conformance

import (
	"fmt"
	"os"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/contractfile"
)

// The variables that describe a live target.
const (
	envURL               = "STACKBE_CONFORMANCE_URL"
	envAPIKey            = "STACKBE_CONFORMANCE_API_KEY"
	envAppID             = "STACKBE_CONFORMANCE_APP_ID"
	envAdminToken        = "STACKBE_CONFORMANCE_ADMIN_TOKEN"
	envSessionToken      = "STACKBE_CONFORMANCE_SESSION_TOKEN"
	envCustomerID        = "STACKBE_CONFORMANCE_CUSTOMER_ID"
	envForeignAppID      = "STACKBE_CONFORMANCE_FOREIGN_APP_ID"
	envForeignAPIKey     = "STACKBE_CONFORMANCE_FOREIGN_API_KEY"
	envForeignAdminToken = "STACKBE_CONFORMANCE_FOREIGN_ADMIN_TOKEN"
	envScope             = "STACKBE_CONFORMANCE_SCOPE"
	envContract          = "STACKBE_CONFORMANCE_CONTRACT"
	envChange            = "STACKBE_CONFORMANCE_CHANGE"
)

// allowChange is the only value of envChange.
const allowChange = "settings-and-money"

// TargetFromEnv reads a live target from the STACKBE_CONFORMANCE_ variables: _URL, _API_KEY,
// _APP_ID, _ADMIN_TOKEN, _SESSION_TOKEN and _CUSTOMER_ID (both, of a partner), the other app's
// _FOREIGN_APP_ID, _FOREIGN_API_KEY and _FOREIGN_ADMIN_TOKEN (all three), _SCOPE, which is
// "documented" or unset, _CHANGE, which is "settings-and-money" or unset, and _CONTRACT, the file of a contract, as stackbe-check -save writes it. ok is
// false where _URL is unset. It fails for a half or an unknown value.
func TargetFromEnv() (target Target, ok bool, err error) {
	target = Target{
		BaseURL:    os.Getenv(envURL),
		APIKey:     os.Getenv(envAPIKey),
		AppID:      os.Getenv(envAppID),
		AdminToken: os.Getenv(envAdminToken),
		Session:    Session{Token: os.Getenv(envSessionToken), CustomerID: os.Getenv(envCustomerID)},
		Foreign: Foreign{
			AppID:      os.Getenv(envForeignAppID),
			APIKey:     os.Getenv(envForeignAPIKey),
			AdminToken: os.Getenv(envForeignAdminToken),
		},
		Scope:  Scope(os.Getenv(envScope)),
		Change: os.Getenv(envChange) == allowChange,
	}
	if target.BaseURL == "" {
		return Target{}, false, nil
	}
	if err := target.checkEnv(); err != nil {
		return target, true, err
	}
	if file := os.Getenv(envContract); file != "" {
		read, err := contractfile.Read(file)
		if err != nil {
			return target, true, fmt.Errorf("conformance: %s: %w", envContract, err)
		}
		target.Contract = stackbe.Contract(read)
		if _, err := stackbe.New(stackbe.Config{Contract: target.Contract}); err != nil {
			return target, true, fmt.Errorf("conformance: %s: %w", envContract, err)
		}
	}
	return target, true, nil
}

func (target Target) checkEnv() error {
	foreign := target.Foreign
	switch {
	case target.Scope != All && target.Scope != Documented:
		return fmt.Errorf("conformance: %s is %q; set it to %q, or unset it to run everything", envScope, target.Scope, Documented)
	case !target.Change && os.Getenv(envChange) != "":
		return fmt.Errorf("conformance: %s is %q; set it to %q, or unset it so that no setting is changed and no money moved", envChange, os.Getenv(envChange), allowChange)
	case target.APIKey == "":
		return fmt.Errorf("conformance: %s is set, and %s is not: set both, or nothing can be tested", envURL, envAPIKey)
	case (target.Session.Token == "") != (target.Session.CustomerID == ""):
		return fmt.Errorf("conformance: %s and %s belong together; set both or neither", envSessionToken, envCustomerID)
	case foreign != Foreign{} && (foreign.AppID == "" || foreign.APIKey == "" || foreign.AdminToken == ""):
		return fmt.Errorf("conformance: %s, %s and %s belong together; set all or none", envForeignAppID, envForeignAPIKey, envForeignAdminToken)
	}
	return nil
}
