package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
)

func TestMatchFindsFieldNames(t *testing.T) {
	created := expected{field: "DealCreatedAtField", kind: aTime}
	reviewed := expected{field: "ApplicationReviewedAtField", kind: aTime, optional: true}
	id := expected{field: "ClickIDField", kind: aText}
	code := expected{field: "ClickCodeField", kind: aText, value: "JANE20"}
	for name, c := range map[string]struct {
		object     string
		wanted     []expected
		found      map[string]string
		eliminated []string
	}{
		"the default":                                 {`{"createdAt":"2025-01-01T00:00:00Z"}`, []expected{created}, map[string]string{"DealCreatedAtField": "createdAt"}, nil},
		"a candidate":                                 {`{"registeredAt":"2025-01-01T00:00:00Z","other":"2025-01-01T00:00:00Z"}`, []expected{created}, map[string]string{"DealCreatedAtField": "registeredAt"}, nil},
		"the name in snake case":                      {`{"created_at":"2025-01-01T00:00:00Z","other":"2025-01-01T00:00:00Z"}`, []expected{created}, map[string]string{"DealCreatedAtField": "created_at"}, nil},
		"the only other of its kind":                  {`{"made":"2025-01-01T00:00:00Z","by":"x"}`, []expected{created}, map[string]string{"DealCreatedAtField": "made"}, []string{"DealCreatedAtField"}},
		"none of two others of its kind":              {`{"made":"2025-01-01T00:00:00Z","done":"2025-01-01T00:00:00Z"}`, []expected{created}, map[string]string{}, nil},
		"none of another kind":                        {`{"createdAt":1735689600}`, []expected{created}, map[string]string{}, nil},
		"no other for what may be missing":            {`{"createdAt":"2025-01-01T00:00:00Z","seenAt":"2025-01-01T00:00:00Z"}`, []expected{created, reviewed}, map[string]string{"DealCreatedAtField": "createdAt"}, nil},
		"the value that is known, whatever the name":  {`{"a":"JANE20","b":"click_1"}`, []expected{id, code}, map[string]string{"ClickCodeField": "a", "ClickIDField": "b"}, []string{"ClickIDField"}},
		"no default with another value":               {`{"code":"OTHER","clickId":"c"}`, []expected{id, code}, map[string]string{"ClickIDField": "clickId"}, nil},
		"no documented name":                          {`{"status":"x","clickId":"c"}`, []expected{code, id}, map[string]string{"ClickIDField": "clickId"}, nil},
		"an amount that is a text":                    {`{"pendingBalance":"0.00"}`, []expected{{field: "AffiliatePendingBalanceField", kind: anAmount}}, map[string]string{"AffiliatePendingBalanceField": "pendingBalance"}, nil},
		"no amount of another text":                   {`{"pendingBalance":"much"}`, []expected{{field: "AffiliatePendingBalanceField", kind: anAmount}}, map[string]string{}, nil},
		"neither a number nor an amount of one other": {`{"a":1}`, []expected{{field: "LevelMinPaidSubscriptionsField", kind: aNumber}, {field: "LevelMinMonthlyValueField", kind: anAmount}}, map[string]string{}, nil},
		"nothing in no object":                        {`[]`, []expected{created}, map[string]string{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			found, eliminated := match(parseObject([]byte(c.object)), "status", c.wanted...)
			assert.Equal(t, c.found, found)
			assert.Len(t, eliminated, len(c.eliminated))
			for _, field := range c.eliminated {
				assert.True(t, eliminated[field], field)
			}
		})
	}
}

func TestPageIsReadInEachEnvelope(t *testing.T) {
	for body, want := range map[string]page{
		`{"data":[{"id":"1"}],"pagination":{"hasMore":false}}`:                                          {list: "data", pagination: "pagination"},
		`{"items":[{"id":"1"}],"hasMore":true,"nextCursor":"c"}`:                                        {list: "items", pagination: "-"},
		`{"applications":[{"id":"1"}],"next_cursor":"c"}`:                                               {list: "applications", pagination: "-"},
		`{"whatever":[{"id":"1"}],"meta":{"more":true},"links":{"self":1}}`:                             {list: "whatever", pagination: "meta"},
		`{"data":[{"id":"1"}],"tags":["a"],"total":1}`:                                                  {list: "data"},
		`{"data":[{"id":"1"}],"filters":{"archived":false},"pagination":{"cursor":"c","hasMore":true}}`: {list: "data", pagination: "pagination"},
		`{"data":[{"id":"1"}],"filters":{"archived":false},"slice":{"nextCursor":"c"}}`:                 {list: "data", pagination: "slice"},
		`{"data":[{"id":"1"}],"filters":{"archived":false},"hasMore":true}`:                             {list: "data", pagination: "-"},
		`{"data":[{"id":"1"}],"slice":{"further":false}}`:                                               {list: "data", pagination: "slice"},
		`[{"id":"1"}]`: {bare: true},
	} {
		p, ok := parsePage([]byte(body))
		require.True(t, ok, body)
		require.Len(t, p.elements, 1, body)
		assert.Equal(t, want.list, p.list, body)
		assert.Equal(t, want.pagination, p.pagination, body)
		assert.Equal(t, want.bare, p.bare, body)
	}
	for _, body := range []string{`{}`, `{"a":[],"b":[]}`, `null`, `"x"`, ``, `{"data":{}}`} {
		_, ok := parsePage([]byte(body))
		assert.False(t, ok, body)
	}
}

func TestIsFraction(t *testing.T) {
	for rate, want := range map[string][2]bool{
		`0.2`: {true, true}, `20`: {false, true}, `12.5`: {false, true}, `"0.2"`: {true, true},
		`0`: {true, false}, `1`: {false, false}, `-1`: {true, false}, `null`: {false, false}, `"x"`: {false, false}, ``: {false, false},
	} {
		fraction, known := isFraction(json.RawMessage(rate))
		assert.Equal(t, want[1], known, rate)
		if known {
			assert.Equal(t, want[0], fraction, rate)
		}
	}
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{"customerId": "customer_id", "minPaidSubscriptions": "min_paid_subscriptions", "code": "code"} {
		assert.Equal(t, want, snake(name))
	}
}

func TestPathExists(t *testing.T) {
	for status, want := range map[int]bool{401: true, 403: true, 400: true, 404: false, 405: false, 200: false, 500: false, 302: false} {
		assert.Equal(t, want, pathExists(status), status)
	}
}

func TestValueThatNewRefusesIsUnknown(t *testing.T) {
	r := newReport(map[string]finding{
		"ListField":       {Outcome: refuted, Found: "the list"},
		"LimitParameter":  {Outcome: refuted, Found: "cursor"},
		"CursorParameter": {Outcome: refuted, Found: "limit"},
	})
	assert.Equal(t, stackbe.Contract{LimitParameter: "cursor", CursorParameter: "limit"}, r.contract)
	overlapping := newReport(map[string]finding{"AffiliateByCustomerPath": {Outcome: refuted, Found: "/v1/{customerID}/status"}, "PortalLinkPath": {Outcome: confirmed},
		"CurrentAffiliatePath": {Outcome: refuted, Found: "/v1/nobody/status"}, "DashboardPath": {Outcome: confirmed}})
	_, err := stackbe.New(stackbe.Config{Contract: overlapping.contract})
	assert.NoError(t, err)
	collides := newReport(map[string]finding{"APIKeyHeader": {Outcome: refuted, Found: "Idempotency-Key"}, "ListField": {Outcome: refuted, Found: "items"}})
	assert.Equal(t, stackbe.Contract{ListField: "items"}, collides.contract)
	for _, f := range r.findings {
		if f.Field == "ListField" {
			assert.Equal(t, unknown, f.Outcome)
			assert.Contains(t, f.Why, `"the list"`)
		}
	}
}

func TestHintsAreFieldsOfFailedValidation(t *testing.T) {
	assert.Equal(t, []string{"ref", "page"}, hints([]byte(`{"statusCode":400,"message":["property code should not exist","ref should not be empty","page must be a URL","No such thing"]}`)))
	assert.Empty(t, hints([]byte(`{"message":"ref should not be empty"}`)))
	assert.Empty(t, hints([]byte(`<html>`)))
}
