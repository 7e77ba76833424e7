package contract

import (
	"reflect"
	"strings"
)

// property is one of a JSON object, or a parameter of a query.
type property struct {
	field    string // of Contract that names it; "" for what StackBE documents
	standard string // its name in the default contract
	wire     string // its name in the configured one
	of       shape  // of the object, or of the objects in the array, that it holds; or nil
	rate     bool
	flat     bool // on the wire, its own properties are in its place
}

// shape describes the properties of a JSON object.
type shape []property

// names makes properties of a Contract's fields.
type names struct{ standard, wire reflect.Value }

func namesOf(wire Contract) names {
	return names{reflect.ValueOf(Default()), reflect.ValueOf(wire)}
}

func (n names) named(field string) property {
	return property{field: field, standard: n.standard.FieldByName(field).String(), wire: n.wire.FieldByName(field).String()}
}

func (n names) all(fields ...string) shape {
	var all shape
	for _, field := range fields {
		all = append(all, n.named(field))
	}
	return all
}

func (p property) holding(of shape) property {
	p.of = of
	return p
}

func (p property) asRate() property {
	p.rate = true
	return p
}

// fixed is the properties that no field of Contract names.
func fixed(names string) shape {
	var all shape
	for name := range strings.FieldsSeq(names) {
		all = append(all, property{standard: name, wire: name})
	}
	return all
}

// shapes is those of all requests and responses.
type shapes struct {
	listQuery shape

	trackRequest shape
	click        shape
	portalLink   shape
	status       shape
	application  shape
	page         shape
	review       shape
	affiliate    shape
	dealRequest  shape
	deal         shape
	dealPage     shape
	dashboard    shape
	settings     shape
}

func shapesOf(wire Contract) shapes {
	n := namesOf(wire)
	level := append(n.all("LevelNameField", "LevelMinPaidSubscriptionsField", "LevelMinMonthlyValueField"), n.named("LevelCommissionRateField").asRate())
	rate := fixed("defaultCommissionRate")[0].asRate()
	s := shapes{
		listQuery:    n.all("StatusParameter", "LimitParameter", "CursorParameter"),
		trackRequest: n.all("TrackCodeField", "TrackURLField"),
		click:        n.all("ClickIDField", "ClickCodeField", "ClickExpiresAtField"),
		portalLink:   append(fixed("url"), n.named("PortalLinkExpiresAtField")),
		status:       append(fixed("applied id status rejectionReason"), n.all("ApplicationCreatedAtField", "ApplicationReviewedAtField")...),
		application:  append(fixed("id email name company website reason status rejectionReason"), n.all("ApplicationAffiliateIDField", "ApplicationCreatedAtField", "ApplicationReviewedAtField")...),
		affiliate: append(fixed("enrolled id code type status totalEarned"), n.named("AffiliateCustomerIDField"), n.named("AffiliatePendingBalanceField"),
			n.named("AffiliateCreatedAtField"), n.named("AffiliateCommissionRateField").asRate()),
		dealRequest: fixed("leadEmail leadName notes"),
		deal:        n.all("DealIDField", "DealLeadEmailField", "DealLeadNameField", "DealNotesField", "DealStatusField", "DealCreatedAtField"),
		settings:    append(fixed("holdingPeriodDays minPayoutAmount cookieDurationDays plans"), rate, n.named("SettingsLevelsField").holding(level)),
	}
	s.review = shape{n.named("ReviewApplicationField").holding(s.application), n.named("ReviewAffiliateField").holding(s.affiliate)}
	s.dashboard = append(fixed("affiliate recentUsers recentPayouts"),
		n.named("DashboardReferralLinkField"),
		n.named("DashboardStatsField").holding(n.all("DashboardClicksField", "DashboardCustomersField", "DashboardDealsField")),
		n.named("DashboardEarningsField").holding(append(fixed("debt inPayout paid monthlyValue"), n.all("DashboardInReviewField", "DashboardReadyField")...)),
		n.named("DashboardRecentDealsField").holding(s.deal))
	s.dashboard[0].of = s.affiliate
	pagination := n.named("PaginationField").holding(n.all("CursorField", "HasMoreField"))
	pagination.flat = wire.PaginationField == FlatPagination
	s.page = shape{n.named("ListField").holding(s.application), pagination}
	s.dealPage = shape{n.named("DealsListField").holding(s.deal), pagination}
	return s
}

// ifOther returns s, or nil if nothing in it needs translation.
func (s shape) ifOther(fractions bool) shape {
	for _, p := range s {
		if p.wire != p.standard || p.rate && fractions || p.of.ifOther(fractions) != nil {
			return s
		}
	}
	return nil
}

// level returns the properties that share one JSON object on the wire.
func (s shape) level() shape {
	var level shape
	for _, p := range s {
		if p.flat {
			level = append(level, p.of...)
			continue
		}
		level = append(level, p)
	}
	return level
}

// Collision returns the field of c whose value is that of another name in the same object, or
// query, or "" if there is none.
func (c Contract) Collision() string {
	s := shapesOf(c.Complete())
	for _, one := range []shape{
		s.listQuery, s.trackRequest, s.click, s.portalLink, s.status, s.application, s.page,
		s.review, s.affiliate, s.dealRequest, s.deal, s.dealPage, s.dashboard, s.settings,
	} {
		if field := one.collision(); field != "" {
			return field
		}
	}
	return ""
}

func (s shape) collision() string {
	level := s.level()
	for i, p := range level {
		for _, other := range level[:i] {
			if strings.EqualFold(p.wire, other.wire) && p.wire != p.standard {
				return p.field
			}
			if strings.EqualFold(p.wire, other.wire) {
				return other.field
			}
		}
	}
	for _, p := range s {
		if field := p.of.collision(); field != "" {
			return field
		}
	}
	return ""
}
