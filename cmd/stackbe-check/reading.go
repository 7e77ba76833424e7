package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/stackbe/stackbe-go/internal/contract"
)

// read makes a GET with a credential, and gives its object. Where there is none, the fields are
// unknown.
func (c *checker) read(ctx context.Context, r request, fields ...string) (object, error) {
	unknown := func(why string, args ...any) (object, error) {
		for _, field := range fields {
			c.unknown(field, why, args...)
		}
		return nil, nil
	}
	if r.credential.token == "" {
		return unknown("it takes a credential that is missing")
	}
	r.method = http.MethodGet
	got, err := c.call(ctx, r)
	if err != nil {
		return nil, err
	}
	if !got.ok() {
		return unknown("the response is %d", got.status)
	}
	o := parseObject(got.body)
	if o == nil {
		return unknown("the response is not a JSON object")
	}
	return o, nil
}

func (c *checker) settings(ctx context.Context) error {
	levels := []expected{
		{field: "LevelNameField", kind: aText},
		{field: "LevelMinPaidSubscriptionsField", kind: aNumber},
		{field: "LevelMinMonthlyValueField", kind: aNumber},
		{field: "LevelCommissionRateField", kind: aNumber},
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
		c.unknown("FractionalRates", "%s have no rate that tells", where)
		return
	}
	c.is("FractionalRates", strconv.FormatBool(fraction), "%s have a rate of that size", where)
}

// elements are the objects of an array.
func elements(array json.RawMessage) []object {
	var list []object
	if json.Unmarshal(array, &list) != nil {
		return nil
	}
	return list
}

// page is what of a list can be told apart.
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
	p := page{list: first(arrays, append([]string{standard("ListField")}, candidates["ListField"]...)...)}
	if p.list == "" {
		p.list = only(arrays, func(string) bool { return true })
	}
	if p.list == "" {
		return page{}, false
	}
	p.elements = elements(o[p.list])
	for _, name := range keys(o) {
		if inner := o.inner(name); inner != nil && tellsMore(inner) {
			p.pagination, p.around = name, inner
			return p, true
		}
	}
	if tellsMore(o) {
		p.pagination, p.around = contract.FlatPagination, o
	}
	return p, true
}

// tellsMore reports whether an object says if there is a next page.
func tellsMore(o object) bool {
	return slices.ContainsFunc(keys(o), func(name string) bool {
		known := append(append(alternatives("HasMoreField"), alternatives("CursorField")...), standard("HasMoreField"), standard("CursorField"))
		return kindOf(o[name]) == aBoolean || slices.Contains(known, name)
	})
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

// page reads one page of the applications; nil, with the fields unknown, where there is none.
func (c *checker) page(ctx context.Context, query url.Values, fields ...string) (*page, error) {
	why, args := "it takes an admin: set STACKBE_ADMIN_TOKEN and STACKBE_APP_ID", []any(nil)
	if c.adminToken != "" && c.appID != "" {
		got, err := c.call(ctx, request{method: http.MethodGet, path: "ApplicationsPath", credential: c.admin(), query: query})
		if err != nil {
			return nil, err
		}
		p, ok := parsePage(got.body)
		if got.ok() && ok {
			return &p, nil
		}
		why, args = "the response is %d, or not a list that is known", []any{got.status}
	}
	for _, field := range fields {
		c.unknown(field, why, args...)
	}
	return nil, nil
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
	{field: "AffiliateCommissionRateField", kind: aNumber},
	{field: "AffiliatePendingBalanceField", kind: aNumber},
	{field: "AffiliateCreatedAtField", kind: aTime},
}

func (c *checker) partner(ctx context.Context) error {
	fields := fieldsOf(affiliateShape)
	o, err := c.read(ctx, request{path: "CurrentAffiliatePath", credential: c.session()}, fields...)
	if err != nil {
		return err
	}
	customer := c.customerID
	if customer == "" {
		customer = nobody
	}
	byCustomer, err := c.read(ctx, request{path: "AffiliateByCustomerPath", id: customer, credential: c.key()}, fields...)
	if err != nil {
		return err
	}
	for _, partner := range []object{o, byCustomer} {
		if partner == nil {
			continue
		}
		if partner["id"] == nil {
			for _, field := range fields {
				c.unknown(field, "the customer is not a partner")
			}
			continue
		}
		wanted := slices.Clone(affiliateShape)
		wanted[0].value = c.customerID
		found := c.matched(partner, "a partner", "enrolled id code type status totalEarned", wanted...)
		c.rate(partner[found["AffiliateCommissionRateField"]], "partners")
	}
	return nil
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
	earnings := []expected{{field: "DashboardInReviewField", kind: aNumber}, {field: "DashboardReadyField", kind: aNumber}}
	fields := slices.Concat(fieldsOf(wanted), fieldsOf(stats), fieldsOf(earnings), fieldsOf(dealShape("", "", "")))
	o, err := c.read(ctx, request{path: "DashboardPath", credential: c.session()}, fields...)
	if o == nil {
		return err
	}
	found := c.matched(o, "the dashboard", "affiliate", wanted...)
	c.matched(o.inner(found["DashboardStatsField"]), "the figures of the dashboard", "", stats...)
	c.matched(o.inner(found["DashboardEarningsField"]), "the earnings of the dashboard", "", earnings...)
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
