package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/stackbe/stackbe-go/internal/contract"
)

// read makes a GET with a credential, and returns the object of its response. If there is none,
// the fields are unknown.
func (c *checker) read(ctx context.Context, r request, fields ...string) (object, error) {
	o, why, err := c.object(ctx, r)
	for _, field := range fields {
		if o == nil && err == nil {
			c.unknown(field, "%s", why)
		}
	}
	return o, err
}

// object is the response to a GET with a credential, or nil and the reason.
func (c *checker) object(ctx context.Context, r request) (o object, why string, err error) {
	if why := c.notGiven(c.variables(r)...); why != "" {
		return nil, why, nil
	}
	r.method = http.MethodGet
	got, err := c.call(ctx, r)
	if err != nil {
		return nil, "", err
	}
	if !got.ok() {
		return nil, c.refusal(r, got), nil
	}
	if o = parseObject(got.body); o == nil {
		return nil, c.notObject(r), nil
	}
	return o, "", nil
}

// variables are those that a request needs.
func (c *checker) variables(r request) []string {
	return append([]string{r.credential.variable}, c.appOf(c.pathOf(r.path))...)
}

func (c *checker) notObject(r request) string {
	return fmt.Sprintf("the response to %s %s is not a JSON object", cmp.Or(r.method, http.MethodGet), c.pathOf(r.path))
}

func (c *checker) settings(ctx context.Context) error {
	levels := []expected{
		{field: "LevelNameField", kind: aText},
		{field: "LevelMinPaidSubscriptionsField", kind: aNumber},
		{field: "LevelMinMonthlyValueField", kind: anAmount},
		{field: "LevelCommissionRateField", kind: anAmount},
	}
	o, err := c.read(ctx, request{path: "SettingsPath", credential: c.admin()},
		append(fieldsOf(levels), "SettingsLevelsField", "FractionalRates")...)
	if o == nil {
		return err
	}
	c.rate(o["defaultCommissionRate"], "the settings")
	found := c.matched(o, "the settings", "defaultCommissionRate holdingPeriodDays minPayoutAmount cookieDurationDays plans",
		expected{field: "SettingsLevelsField", kind: anArray})
	list := elements(o[found["SettingsLevelsField"]])
	if len(list) == 0 {
		for _, w := range levels {
			c.unknown(w.field, "the app has no levels")
		}
		return nil
	}
	c.matched(list[0], "a level", "", levels...)
	return nil
}

func fieldsOf(wanted []expected) []string {
	var fields []string
	for _, w := range wanted {
		fields = append(fields, w.field)
	}
	return fields
}

func (c *checker) rate(value json.RawMessage, where string) {
	fraction, known := isFraction(value)
	if !known {
		c.unknown("FractionalRates", "no rate that tells was seen in %s", where)
		return
	}
	size := "above 1"
	if fraction {
		size = "between 0 and 1"
	}
	c.is("FractionalRates", strconv.FormatBool(fraction), "a rate %s was seen in %s", size, where)
}

// elements are the objects of an array.
func elements(array json.RawMessage) []object {
	var list []object
	if json.Unmarshal(array, &list) != nil {
		return nil
	}
	return list
}

// page is a page of a list, with the names of its parts.
type page struct {
	bare       bool
	list       string // name of the elements
	pagination string // name of the object with cursor and hasMore, FlatPagination, or ""
	elements   []object
	around     object // where cursor and hasMore are
}

// parsePage reads a page in any of the envelopes that are known.
func parsePage(body []byte) (page, bool) {
	if bytes.HasPrefix(body, []byte("[")) {
		return page{bare: true, elements: elements(body)}, true
	}
	o := parseObject(body)
	if o == nil {
		return page{}, false
	}
	arrays := slices.DeleteFunc(keys(o), func(name string) bool { return kindOf(o[name]) != anArray })
	p := page{list: first(arrays, slices.Concat([]string{standard("ListField")}, candidates["ListField"], candidates["DealsListField"])...)}
	if p.list == "" {
		p.list = only(arrays, func(string) bool { return true })
	}
	if p.list == "" {
		return page{}, false
	}
	p.elements = elements(o[p.list])
	p.pagination, p.around = paginationOf(o)
	return p, true
}

// paginationOf finds where a page says whether there is a next one: the default and the likely names
// first, and any boolean last, since a page may also have filters.
func paginationOf(o object) (name string, around object) {
	likely := append([]string{standard("PaginationField")}, alternatives("PaginationField")...)
	for _, tells := range []func(object) bool{namesMore, hasBoolean} {
		for _, name := range distinct(append(likely, keys(o)...)) {
			if inner := o.inner(name); inner != nil && tells(inner) {
				return name, inner
			}
		}
		if tells(o) {
			return contract.FlatPagination, o
		}
	}
	return "", nil
}

// namesMore reports whether an object has a cursor or says if there is a next page, by a known name.
func namesMore(o object) bool {
	known := slices.Concat(alternatives("HasMoreField"), alternatives("CursorField"), []string{standard("HasMoreField"), standard("CursorField")})
	return first(keys(o), known...) != ""
}

func hasBoolean(o object) bool {
	return slices.ContainsFunc(keys(o), func(name string) bool { return kindOf(o[name]) == aBoolean })
}

func (c *checker) list(ctx context.Context) error {
	fields := []string{"ListField", "PaginationField", "CursorField", "HasMoreField", "StatusParameter", "LimitParameter", "CursorParameter"}
	whole, err := c.page(ctx, nil, fields...)
	if err != nil || whole == nil {
		return err
	}
	if whole.bare {
		for _, field := range fields[:4] {
			c.unknown(field, "the list is a bare array, which is read under any contract")
		}
	} else {
		c.is("ListField", whole.list, "the array of a page")
	}
	if err := c.limit(ctx, *whole); err != nil {
		return err
	}
	if err := c.status(ctx, *whole); err != nil {
		return err
	}
	short, err := c.page(ctx, url.Values{c.contract.LimitParameter: {"1"}})
	if err != nil {
		return err
	}
	if short == nil {
		short = whole
	}
	return c.cursor(ctx, *short)
}

// page reads one page of the applications. If there is none, it returns nil, and the fields
// are unknown.
func (c *checker) page(ctx context.Context, query url.Values, fields ...string) (*page, error) {
	r := request{method: http.MethodGet, path: "ApplicationsPath", credential: c.admin(), query: query}
	if c.lacks(fields, c.variables(r)...) {
		return nil, nil
	}
	got, err := c.call(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.pageOf(r, got, fields...), nil
}

// pageOf is the page that a response has; nil if it has none, and the fields are unknown.
func (c *checker) pageOf(r request, got observed, fields ...string) *page {
	p, ok := parsePage(got.body)
	if got.ok() && ok {
		return &p
	}
	why := c.refusal(r, got)
	if got.ok() {
		why = fmt.Sprintf("the response to GET %s is not a list of a form that is known", c.pathOf(r.path))
	}
	for _, field := range fields {
		c.unknown(field, "%s", why)
	}
	return nil
}

func (c *checker) limit(ctx context.Context, whole page) error {
	const field = "LimitParameter"
	if len(whole.elements) < 2 {
		c.unknown(field, "the app has fewer than two applications")
		return nil
	}
	return c.parameter(ctx, field, "1", func(p page) bool { return len(p.elements) == 1 })
}

func (c *checker) status(ctx context.Context, whole page) error {
	const field = "StatusParameter"
	if len(whole.elements) == 0 {
		c.unknown(field, "the app has no applications")
		return nil
	}
	wanted := "approved"
	if whole.elements[0].text("status") == wanted {
		wanted = "rejected" // so that a filter that is ignored shows
	}
	return c.parameter(ctx, field, wanted, func(p page) bool {
		return !slices.ContainsFunc(p.elements, func(o object) bool { return o.text("status") != wanted })
	})
}

// parameter tries the names of a parameter until a page shows that it was heeded.
func (c *checker) parameter(ctx context.Context, field, value string, heeded func(page) bool) error {
	names := append([]string{standard(field)}, alternatives(field)...)
	for _, name := range names {
		p, err := c.page(ctx, url.Values{name: {value}})
		if err != nil {
			return err
		}
		if p != nil && heeded(*p) {
			c.is(field, name, "a page shows that it is heeded")
			return nil
		}
	}
	c.unknown(field, "no page shows that one of these is heeded: %q", names)
	return nil
}

// cursor looks at a page that another follows.
func (c *checker) cursor(ctx context.Context, p page) error {
	if p.pagination == "" || p.bare {
		for _, field := range []string{"PaginationField", "CursorField", "HasMoreField", "CursorParameter"} {
			c.unknown(field, "the list has one page, or does not say that there is another")
		}
		return nil
	}
	c.is("PaginationField", p.pagination, "it says whether there is more")
	found := c.matched(p.around, "a page", p.list, expected{field: "CursorField", kind: aText}, expected{field: "HasMoreField", kind: aBoolean})
	cursor := p.around.text(found["CursorField"])
	if cursor == "" {
		c.unknown("CursorField", "the list has one page, or does not say where the next begins")
		c.unknown("CursorParameter", "the list has one page, or does not say where the next begins")
		return nil
	}
	return c.parameter(ctx, "CursorParameter", cursor, func(next page) bool {
		return len(next.elements) > 0 && len(p.elements) > 0 && next.elements[0].text("id") != p.elements[0].text("id")
	})
}

// deals looks at the name of the list of deals. That a GET is refused says nothing of DealsPath, where
// deals are registered by POST.
func (c *checker) deals(ctx context.Context) error {
	const field = "DealsListField"
	r := request{method: http.MethodGet, path: "DealsPath", credential: c.session()}
	if c.lacks([]string{field}, c.variables(r)...) {
		return nil
	}
	got, err := c.send(ctx, r, c.pathOf(r.path))
	if err != nil {
		return err
	}
	switch p := c.pageOf(r, got, field); {
	case p == nil:
	case p.bare:
		c.unknown(field, "the list is a bare array, which is read under any contract")
	default:
		c.is(field, p.list, "the array of a page of deals")
	}
	return nil
}

const documentedApplication = "id email name company website reason status rejectionReason"

func (c *checker) application(ctx context.Context) error {
	fields := []string{"ApplicationCreatedAtField", "ApplicationReviewedAtField", "ApplicationAffiliateIDField"}
	whole, err := c.page(ctx, nil, fields...)
	if err != nil || whole == nil {
		return err
	}
	if len(whole.elements) == 0 {
		for _, field := range fields {
			c.unknown(field, "the app has no applications")
		}
		return nil
	}
	chosen := whole.elements[0]
	for _, o := range whole.elements {
		if o.text("status") == "approved" {
			chosen = o
			break
		}
	}
	if o, err := c.read(ctx, request{path: "ApplicationPath", id: chosen.text("id"), credential: c.admin()}); err != nil {
		return err
	} else if o != nil {
		chosen = o
	}
	c.applicationShape(chosen)
	return nil
}

// applicationShape needs an application that is approved for all of its fields.
func (c *checker) applicationShape(o object) {
	approved := o.text("status") == "approved"
	c.matched(o, "an application", documentedApplication,
		expected{field: "ApplicationCreatedAtField", kind: aTime},
		expected{field: "ApplicationReviewedAtField", kind: aTime, optional: !approved},
		expected{field: "ApplicationAffiliateIDField", kind: aText, optional: !approved})
}

var affiliateShape = []expected{
	{field: "AffiliateCustomerIDField", kind: aText},
	{field: "AffiliateCommissionRateField", kind: anAmount},
	{field: "AffiliatePendingBalanceField", kind: anAmount},
	{field: "AffiliateCreatedAtField", kind: aTime},
}

// partner looks at a partner as the session's customer, and by the customer's id. One is enough.
func (c *checker) partner(ctx context.Context) error {
	current, whyNot, err := c.object(ctx, request{path: "CurrentAffiliatePath", credential: c.session()})
	if err != nil {
		return err
	}
	lookup := request{path: "AffiliateByCustomerPath", id: cmp.Or(c.customerID, nobody), credential: c.key()}
	byCustomer, whyNotByCustomer, err := c.object(ctx, lookup) // nobody's shows the path
	if err != nil {
		return err
	}
	if why := c.notGiven(apiKeyVariable, customerIDVariable); why != "" {
		byCustomer, whyNotByCustomer = nil, why
	}
	whyNot = c.partnerShape(current, sessionTokenVariable, whyNot)
	whyNotByCustomer = c.partnerShape(byCustomer, customerIDVariable, whyNotByCustomer)
	if whyNot == "" || whyNotByCustomer == "" {
		return nil
	}
	for _, field := range fieldsOf(affiliateShape) {
		c.unknown(field, "either of two requests shows it; %s; %s", whyNot, whyNotByCustomer)
	}
	c.unknown("FractionalRates", "any of three requests shows it; %s; %s; %s", c.found["FractionalRates"].Why, whyNot, whyNotByCustomer)
	return nil
}

// partnerShape returns why it does not tell the fields of a partner.
func (c *checker) partnerShape(o object, variable, why string) string {
	if o == nil {
		return why
	}
	if o["id"] == nil {
		return "the customer of " + variable + " is not a partner"
	}
	wanted := slices.Clone(affiliateShape)
	wanted[0].value = c.customerID
	found := c.matched(o, "a partner", "enrolled id code type status totalEarned", wanted...)
	c.rate(o[found["AffiliateCommissionRateField"]], "a partner")
	return ""
}

func (c *checker) dashboard(ctx context.Context) error {
	wanted := []expected{
		{field: "DashboardReferralLinkField", kind: aURL},
		{field: "DashboardStatsField", kind: anObject},
		{field: "DashboardEarningsField", kind: anObject},
		{field: "DashboardRecentDealsField", kind: anArray},
	}
	stats := []expected{
		{field: "DashboardClicksField", kind: aNumber},
		{field: "DashboardCustomersField", kind: aNumber},
		{field: "DashboardDealsField", kind: aNumber},
	}
	earnings := []expected{{field: "DashboardInReviewField", kind: anAmount}, {field: "DashboardReadyField", kind: anAmount}}
	fields := slices.Concat(fieldsOf(wanted), fieldsOf(stats), fieldsOf(earnings), fieldsOf(dealShape("", "", "")))
	o, err := c.read(ctx, request{path: "DashboardPath", credential: c.session()}, fields...)
	if o == nil {
		return err
	}
	found := c.matched(o, "the dashboard", "affiliate recentUsers recentPayouts", wanted...)
	c.matched(o.inner(found["DashboardStatsField"]), "the figures of the dashboard", "", stats...)
	c.matched(o.inner(found["DashboardEarningsField"]), "the earnings of the dashboard", "debt inPayout paid monthlyValue", earnings...)
	deals := elements(o[found["DashboardRecentDealsField"]])
	if len(deals) == 0 {
		for _, w := range dealShape("", "", "") {
			c.unknown(w.field, "the partner has no deals")
		}
		return nil
	}
	c.matched(deals[0], "a deal of the dashboard", "", dealShape("", "", "")...)
	return nil
}

// dealShape is that of a deal whose texts are known, or are not.
func dealShape(email, name, notes string) []expected {
	return []expected{
		{field: "DealLeadEmailField", kind: anEmail, value: email},
		{field: "DealLeadNameField", kind: aText, value: name},
		{field: "DealNotesField", kind: aText, value: notes, optional: notes == ""},
		{field: "DealIDField", kind: aText},
		{field: "DealStatusField", kind: aText},
		{field: "DealCreatedAtField", kind: aTime},
	}
}

func (c *checker) portalLink(ctx context.Context) error {
	const field = "PortalLinkExpiresAtField"
	o, err := c.read(ctx, request{path: "PortalLinkPath", credential: c.session()}, field)
	if o == nil {
		return err
	}
	c.matched(o, "a portal link", "url", expected{field: field, kind: aTime})
	return nil
}
