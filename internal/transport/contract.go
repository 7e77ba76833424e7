package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"reflect"
	"slices"
	"strings"

	"github.com/stackbe/stackbe-go/internal/contract"
)

var (
	errSlashAtEnd     = errors.New("ends in a slash")
	errUnsafeName     = errors.New("is not 1 to 100 visible ASCII characters")
	errUnknownMethod  = errors.New("is not PATCH, PUT or POST")
	errTakenName      = errors.New("is the name of another field of the same object, or parameter of the same query")
	errTakenPath      = errors.New("has the method of another endpoint, and a path that overlaps the other's")
	errNotCarrier     = errors.New("is not a header name that can be used here")
	errSecondIdentity = errors.New("is also the header of another credential")
)

// CheckContract returns the invalid field of c, and why it is invalid; a nil error if all fields
// are valid.
func CheckContract(c contract.Contract) (field string, problem error) {
	given, complete := reflect.ValueOf(c), reflect.ValueOf(c.Complete())
	standard := reflect.ValueOf(contract.Default())
	for i := range given.NumField() {
		name := given.Type().Field(i).Name
		value, isText := given.Field(i).Interface().(string)
		if !isText || value == "" {
			continue
		}
		if err := checkField(name, value, standard.Field(i).String()); err != nil {
			return name, err
		}
	}
	if field := c.Collision(); field != "" {
		return field, errTakenName
	}
	if field := checkHeaders(c.Complete()); field != "" {
		return field, errSecondIdentity
	}
	return checkPaths(complete)
}

func checkField(name, value, standard string) error {
	switch {
	case strings.HasSuffix(name, "Path"):
		return checkPath(value, standard)
	case strings.HasSuffix(name, "Method"):
		if !slices.Contains([]string{http.MethodPatch, http.MethodPut, http.MethodPost}, value) {
			return errUnknownMethod
		}
		return nil
	case slices.Contains([]string{"APIKeyHeader", "SessionHeader", "AdminHeader"}, name):
		carrier := textproto.CanonicalMIMEHeaderKey(value)
		if carrier != apiKeyHeader && carrier != bearerHeader && !FreeHeaderName(value) {
			return errNotCarrier
		}
		return nil
	case strings.HasSuffix(name, "Header"):
		if !FreeHeaderName(value) {
			return errTakenHeader
		}
		return nil
	case len(value) > 100 || !ValidHeaderValue(value):
		return errUnsafeName
	}
	return nil
}

// checkPath refuses a path whose names in braces are not those of the default.
func checkPath(path, standard string) error {
	if err := CheckRoute(path); err != nil {
		return err
	}
	if strings.HasSuffix(path, "/") {
		return errSlashAtEnd
	}
	if wanted := placeholders(standard); !slices.Equal(placeholders(path), wanted) {
		if len(wanted) == 0 {
			return errors.New("has a name in braces")
		}
		return fmt.Errorf("does not have %s once each, and no other name in braces", strings.Join(wanted, " and "))
	}
	return nil
}

// placeholders returns the names in braces, with their braces, sorted.
func placeholders(path string) []string {
	var names []string
	for element := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(element, "{") {
			names = append(names, element)
		}
	}
	slices.Sort(names)
	return names
}

// checkHeaders returns the field of a header that would be set twice in a request.
func checkHeaders(c contract.Contract) string {
	idempotency := textproto.CanonicalMIMEHeaderKey(c.IdempotencyHeader)
	for _, carrier := range []string{c.APIKeyHeader, c.SessionHeader, c.AdminHeader} {
		if textproto.CanonicalMIMEHeaderKey(carrier) == idempotency {
			return "IdempotencyHeader"
		}
	}
	return ""
}

// readPaths are the endpoints that are read by GET, postPaths those that are written by POST.
var readPaths = []string{
	"ApplicationStatusPath", "AffiliateByCustomerPath", "CurrentAffiliatePath", "DashboardPath", "PortalLinkPath",
	"DealsPath", "ApplicationsPath", "ApplicationPath", "SettingsPath",
}

var postPaths = []string{"ApplyPath", "TrackPath", "DealsPath", "ReviewPath"}

// checkPaths refuses a contract in which two endpoints are one, or in which it is not certain
// which of two a path belongs to.
func checkPaths(complete reflect.Value) (field string, problem error) {
	mux := http.NewServeMux()
	path := func(name string) string { return complete.FieldByName(name).String() }
	for _, name := range readPaths {
		if !registers(mux, http.MethodGet+" "+path(name)) {
			return name, errTakenPath
		}
	}
	for _, name := range postPaths {
		if !registers(mux, http.MethodPost+" "+path(name)) {
			return name, errTakenPath
		}
	}
	if !registers(mux, path("UpdateSettingsMethod")+" "+path("SettingsPath")) {
		return "SettingsPath", errTakenPath
	}
	return "", nil
}

func registers(mux *http.ServeMux, pattern string) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false // ServeMux tells of a conflict by a panic
		}
	}()
	mux.Handle(pattern, http.NotFoundHandler())
	return true
}

// asSent names the field in an error about a response as the server does.
func asSent(err error, endpoint *contract.Endpoint) error {
	var about interface {
		WithPath(renamed func(path string) string) error
	}
	if endpoint == nil || !errors.As(err, &about) {
		return err
	}
	return about.WithPath(endpoint.WirePath)
}
