package contract

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Dialect translates into one contract and back.
type Dialect struct{ endpoints map[string]*Endpoint }

// Endpoint is one of the contract's, in a dialect. A nil Endpoint translates nothing.
type Endpoint struct {
	Method string // as it is called
	Path   string // with {names}

	query     shape
	request   shape
	response  shape
	fractions bool
	list      bool
}

// NewDialect returns the dialect of c; nil for the default contract.
func NewDialect(c Contract) *Dialect {
	wire, standard := c.Complete(), Default()
	if wire == standard {
		return nil
	}
	s := shapesOf(wire)
	d := &Dialect{endpoints: map[string]*Endpoint{}}
	add := func(method, route string, e Endpoint) {
		e.fractions = wire.FractionalRates
		e.request, e.response = e.request.ifOther(e.fractions), e.response.ifOther(e.fractions)
		if e.Method == "" {
			e.Method = method
		}
		d.endpoints[method+" "+route] = &e
	}
	add(http.MethodPost, standard.ApplyPath, Endpoint{Path: wire.ApplyPath})
	add(http.MethodGet, standard.ApplicationStatusPath, Endpoint{Path: wire.ApplicationStatusPath, response: s.status})
	add(http.MethodGet, standard.AffiliateByCustomerPath, Endpoint{Path: wire.AffiliateByCustomerPath, response: s.affiliate})
	add(http.MethodGet, standard.CurrentAffiliatePath, Endpoint{Path: wire.CurrentAffiliatePath, response: s.affiliate})
	add(http.MethodGet, standard.DashboardPath, Endpoint{Path: wire.DashboardPath, response: s.dashboard})
	add(http.MethodGet, standard.PortalLinkPath, Endpoint{Path: wire.PortalLinkPath, response: s.portalLink})
	add(http.MethodPost, standard.TrackPath, Endpoint{Path: wire.TrackPath, request: s.trackRequest, response: s.click})
	add(http.MethodPost, standard.DealsPath, Endpoint{Path: wire.DealsPath, request: s.dealRequest, response: s.deal})
	add(http.MethodGet, standard.DealsPath, Endpoint{Path: wire.DealsPath, query: s.listQuery, response: s.dealPage, list: true})
	add(http.MethodGet, standard.ApplicationsPath, Endpoint{Path: wire.ApplicationsPath, query: s.listQuery, response: s.page, list: true})
	add(http.MethodGet, standard.ApplicationPath, Endpoint{Path: wire.ApplicationPath, response: s.application})
	add(http.MethodPost, standard.ReviewPath, Endpoint{Path: wire.ReviewPath, response: s.review})
	add(http.MethodGet, standard.SettingsPath, Endpoint{Path: wire.SettingsPath, response: s.settings})
	add(standard.UpdateSettingsMethod, standard.SettingsPath, Endpoint{Method: wire.UpdateSettingsMethod, Path: wire.SettingsPath, request: s.settings, response: s.settings})
	return d
}

// Endpoint returns the endpoint that the default contract has at method and path; nil for others,
// and in the default contract.
func (d *Dialect) Endpoint(method, path string) *Endpoint {
	if d == nil {
		return nil
	}
	return d.endpoints[method+" "+path]
}

var anyDialect = sync.OnceValue(func() *Dialect { return NewDialect(Contract{FractionalRates: true}) })

// HasEndpoint reports whether the default contract has an endpoint at method and path.
func HasEndpoint(method, path string) bool { return anyDialect().Endpoint(method, path) != nil }

// WireQuery returns query under the configured names.
func (e *Endpoint) WireQuery(query url.Values) url.Values {
	if e == nil {
		return query
	}
	return e.query.rename(query, property.toWire)
}

// StandardQuery returns query, which has configured names alone, under those of the default contract.
func (e *Endpoint) StandardQuery(query url.Values) url.Values {
	if e == nil {
		return query
	}
	return e.query.rename(query, property.toStandard)
}

func (s shape) rename(query url.Values, names func(property) (from, to string)) url.Values {
	renamed := url.Values{}
	for name, values := range query {
		for _, p := range s {
			if from, to := names(p); from == name {
				name = to
				break
			}
		}
		renamed[name] = values
	}
	return renamed
}

// WireParameters returns the configured names of parameters.
func (e *Endpoint) WireParameters(standard []string) []string {
	if e == nil {
		return standard
	}
	var wire []string
	for _, name := range standard {
		wire = append(wire, e.query.wireName(name))
	}
	return wire
}

// WireRequest returns the body of a request as the configured contract has it.
func (e *Endpoint) WireRequest(body []byte) []byte {
	if e == nil {
		return body
	}
	return translation{names: property.toWire, places: e.places(-2)}.of(body, e.request)
}

// StandardRequest returns the body of a request as the default contract has it. A name that the
// contract does not have is not read as a name of the default either: see [Endpoint.WireProblem].
func (e *Endpoint) StandardRequest(body []byte) []byte {
	if e == nil {
		return body
	}
	return translation{names: property.toStandard, places: e.places(2), foreign: foreignMark}.of(body, e.request)
}

// WireResponse returns the body of a response as the configured contract has it.
func (e *Endpoint) WireResponse(body []byte) []byte {
	if e == nil {
		return body
	}
	return translation{names: property.toWire, places: e.places(-2)}.of(body, e.response)
}

// StandardResponse returns the body of a response as the default contract has it, each object with
// its original inside: see [Original].
func (e *Endpoint) StandardResponse(body []byte) []byte {
	if e == nil {
		return body
	}
	return translation{names: property.toStandard, places: e.places(2), lenient: true, list: e.list}.of(body, e.response)
}

// WirePath returns the path of a field of a response, such as "data[3].createdAt", under configured
// names.
func (e *Endpoint) WirePath(path string) string {
	s := e.response
	var wire []string
	for element := range strings.SplitSeq(path, ".") {
		name, index, _ := strings.Cut(element, "[")
		p := property{wire: name}
		if i := slices.IndexFunc(s, func(p property) bool { return p.standard == name }); i >= 0 {
			p = s[i]
		}
		if s = p.of; p.flat {
			continue
		}
		wire = append(wire, p.wire+element[len(element)-len(index)-min(len(index), 1):])
	}
	return strings.Join(wire, ".")
}

func (e *Endpoint) places(n int32) int32 {
	if e.fractions {
		return n
	}
	return 0
}

// WireProblem returns the path of a field of a request, or the name of a parameter, under its
// configured name, and the text of a problem with it.
func (e *Endpoint) WireProblem(field, text string) (wireField, wireText string) {
	if e == nil {
		return field, text
	}
	renamed, rate := slices.Concat(e.query, e.request).wirePath(field)
	if rate && e.fractions {
		text += " (after 1 has become 100 %)"
	}
	return strings.ReplaceAll(renamed, foreignMark, ""), text
}

// wirePath renames the elements of a path such as "levels.0.name".
func (s shape) wirePath(path string) (renamed string, rate bool) {
	elements := strings.Split(path, ".")
	for i, element := range elements {
		for _, p := range s {
			if p.standard == element {
				elements[i], s, rate = p.wire, p.of, p.rate
				break
			}
		}
	}
	return strings.Join(elements, "."), rate
}

func (s shape) wireName(standard string) string {
	for _, p := range s {
		if p.standard == standard {
			return p.wire
		}
	}
	return standard
}
