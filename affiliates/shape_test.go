package affiliates_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

func TestErrorNamesInvalidField(t *testing.T) {
	for _, test := range []struct{ method, body, problem string }{
		{"Get", `[]`, `the JSON is an array, not an object`},
		{"Get", `7`, `the JSON is a number, not an object`},
		{"Get", `"text"`, `the JSON is a string, not an object`},
		{"Get", `false`, `the JSON is false, not an object`},
		{"Get", `{}`, `the field "enrolled" is missing`},
		{"Get", `{"enrolled":null}`, `the field "enrolled" is missing`},
		{"Get", `{"enrolled":"true"}`, `the field "enrolled" is a string, not true or false`},
		{"Get", `{"enrolled":1}`, `the field "enrolled" is a number, not true or false`},
		{"Get", `{"id":7}`, `the field "id" is a number, not a string`},
		{"Get", `{"ID":7}`, `the field "ID" is a number, not a string`},
		{"Get", `{"id":{"$oid":"a"}}`, `the field "id" is an object, not a string`},
		{"Get", `{"status":["active"]}`, `the field "status" is an array, not a string`},
		{"Get", `{"status":true}`, `the field "status" is true, not a string`},
		{"Get", `{"id":"a","totalEarned":"free"}`, `the field "totalEarned" is a string, not a decimal number of at most 36 digits and 18 decimal places`},
		{"Get", `{"id":"a","totalEarned":""}`, `the field "totalEarned" is a string, not a decimal number of at most 36 digits and 18 decimal places`},
		{"Get", `{"id":"a","pendingBalance":1e99}`, `the field "pendingBalance" is a number, not a decimal number of at most 36 digits and 18 decimal places`},
		{"Get", `{"id":"a","commissionRate":{"percent":20}}`, `the field "commissionRate" is an object, not a decimal number of at most 36 digits and 18 decimal places`},
		{"Get", `{"id":"a","createdAt":1767225600}`, `the field "createdAt" is a number, not a time as in RFC 3339`},
		{"Get", `{"id":"a","createdAt":"2026-01-01"}`, `the field "createdAt" is a string, not a time as in RFC 3339`},
		{"Get", `{"id":"a","createdAt":" "}`, `the field "createdAt" is a string, not a time as in RFC 3339`},
		{"Get", `{"id":"a","createdAt":"","code":7}`, `the field "code" is a number, not a string`},
		{"Apply", `{"status":"pending"}`, `the field "id" is missing`},
		{"GetApplicationStatus", `{"applied":true,"reviewedAt":7}`, `the field "reviewedAt" is a number, not a time as in RFC 3339`},
		{"GetDashboard", `{}`, `the field "affiliate" is missing`},
		{"GetDashboard", `{"affiliate":null}`, `the field "affiliate" is missing`},
		{"GetDashboard", `{"affiliate":[]}`, `the field "affiliate" is an array, not an object`},
		{"GetDashboard", `{"affiliate":{"code":7}}`, `the field "affiliate.code" is a number, not a string`},
		{"GetDashboard", `{"affiliate":{},"stats":[]}`, `the field "stats" is an array, not an object`},
		{"GetDashboard", `{"affiliate":{},"stats":{"clicks":1.5}}`, `the field "stats.clicks" is a number, not a whole number of 64 bits`},
		{"GetDashboard", `{"affiliate":{},"stats":{"clicks":9223372036854775808}}`, `the field "stats.clicks" is a number, not a whole number of 64 bits`},
		{"GetDashboard", `{"affiliate":{},"stats":{"clicks":"1"}}`, `the field "stats.clicks" is a string, not a whole number of 64 bits`},
		{"GetDashboard", `{"affiliate":{},"earnings":{"ready":"x"}}`, `the field "earnings.ready" is a string, not a decimal number of at most 36 digits and 18 decimal places`},
		{"GetDashboard", `{"affiliate":{},"recentDeals":{}}`, `the field "recentDeals" is an object, not an array`},
		{"GetDashboard", `{"affiliate":{},"recentDeals":[{},null]}`, `the field "recentDeals[1]" is null, not an object`},
		{"GetDashboard", `{"affiliate":{},"recentDeals":[{},{},{"createdAt":"soon"}]}`, `the field "recentDeals[2].createdAt" is a string, not a time as in RFC 3339`},
		{"GetPortalLink", `{"expiresAt":""}`, `the field "url" is missing`},
		{"GetPortalLink", `{"url":{"href":"x"}}`, `the field "url" is an object, not a string`},
		{"TrackReferral", `{"expiresAt":true}`, `the field "expiresAt" is true, not a time as in RFC 3339`},
		{"RegisterDeal", `{"createdAt":{}}`, `the field "createdAt" is an object, not a time as in RFC 3339`},
		{"ListApplications", `{"items":[]}`, `the field "data" is missing`},
		{"ListApplications", `{"data":{}}`, `the field "data" is an object, not an array`},
		{"ListApplications", `{"data":[{},7]}`, `the field "data[1]" is a number, not an object`},
		{"ListApplications", `{"data":[{},null]}`, `the field "data[1]" is null, not an object`},
		{"ListApplications", `{"data":[{},{"reviewedAt":""},{"reviewedAt":7}]}`, `the field "data[2].reviewedAt" is a number, not a time as in RFC 3339`},
		{"ListApplications", `[{"id":"a"},{"id":7}]`, `the field "[1].id" is a number, not a string`},
		{"ListApplications", `[[]]`, `the field "[0]" is an array, not an object`},
		{"ListApplications", `{"data":[],"pagination":[]}`, `the field "pagination" is an array, not an object`},
		{"ListApplications", `{"data":[],"pagination":{"cursor":7}}`, `the field "pagination.cursor" is a number, not a string`},
		{"ListApplications", `{"data":null,"pagination":{"hasMore":"no"}}`, `the field "pagination.hasMore" is a string, not true or false`},
		{"Review", `{"application":{"createdAt":7}}`, `the field "application.createdAt" is a number, not a time as in RFC 3339`},
		{"Review", `{"affiliate":{"totalEarned":[]}}`, `the field "affiliate.totalEarned" is an array, not a decimal number of at most 36 digits and 18 decimal places`},
		{"GetSettings", `{"levels":{}}`, `the field "levels" is an object, not an array`},
		{"GetSettings", `{"levels":[{},{"name":7}]}`, `the field "levels[1].name" is a number, not a string`},
		{"GetSettings", `{"levels":[{"commissionRate":"x"}]}`, `the field "levels[0].commissionRate" is a string, not a decimal number of at most 36 digits and 18 decimal places`},
		{"GetSettings", `{"holdingPeriodDays":"30"}`, `the field "holdingPeriodDays" is a string, not a whole number of 64 bits`},
		{"GetDashboard", `{"affiliate":{},"earnings":{"debt":"x"}}`, `the field "earnings.debt" is a string, not a decimal number of at most 36 digits and 18 decimal places`},
		{"GetDashboard", `{"affiliate":{},"recentUsers":[{},{"subscriptions":{"pro":"2"}}]}`, `the field "recentUsers[1].subscriptions.pro" is a string, not a whole number of 64 bits`},
		{"GetDashboard", `{"affiliate":{},"recentPayouts":[{"automatic":1}]}`, `the field "recentPayouts[0].automatic" is a number, not true or false`},
		{"GetSettings", `{"plans":[{"monthlyPrice":"x"}]}`, `the field "plans[0].monthlyPrice" is a string, not a decimal number of at most 36 digits and 18 decimal places`},
	} {
		t.Run(test.method+" of "+test.body, func(t *testing.T) {
			server := newServer(t, response{body: test.body})
			_, err := callOf(t, test.method).do(t.Context(), server.affiliates())
			require.ErrorIs(t, err, stackbe.ErrInvalidResponse)
			var failure *stackbe.Error
			require.ErrorAs(t, err, &failure)
			_, problem, _ := strings.Cut(failure.Message, ": ")
			bits := fmt.Sprintf("of %d bits", reflect.TypeFor[int]().Bits())
			assert.Equal(t, strings.ReplaceAll(test.problem, "of 64 bits", bits), problem)
		})
	}
}

func callOf(t *testing.T, method string) call {
	t.Helper()
	for _, c := range calls {
		if c.name == method {
			return c
		}
	}
	require.FailNow(t, "no such method", method)
	return call{}
}

// responses are all types that a response is read into, with the JSON that is the
// least of each.
var responses = map[string]struct {
	value any
	least map[string]any
}{
	"ApplyResult":       {&affiliates.ApplyResult{}, map[string]any{"id": "a"}},
	"ApplicationCheck":  {&affiliates.ApplicationCheck{}, map[string]any{"applied": true}},
	"Application":       {&affiliates.Application{}, nil},
	"Affiliate":         {&affiliates.Affiliate{}, nil},
	"Dashboard":         {&affiliates.Dashboard{}, map[string]any{"affiliate": map[string]any{}}},
	"PortalLink":        {&affiliates.PortalLink{}, map[string]any{"url": "https://portal"}},
	"Click":             {&affiliates.Click{}, nil},
	"Deal":              {&affiliates.Deal{}, nil},
	"Review":            {&affiliates.Review{}, nil},
	"Settings":          {&affiliates.Settings{}, nil},
	"Page[Application]": {&affiliates.Page[affiliates.Application]{}, map[string]any{"data": []any{}}},

	"User":                 {&affiliates.User{}, nil},
	"Subscription":         {&affiliates.Subscription{}, nil},
	"Invoice":              {&affiliates.Invoice{}, nil},
	"Receipt":              {&affiliates.Receipt{}, map[string]any{"number": "INV-000001"}},
	"Refund":               {&affiliates.Refund{}, nil},
	"RefundResult":         {&affiliates.RefundResult{}, map[string]any{"refund": map[string]any{}}},
	"Commission":           {&affiliates.Commission{}, nil},
	"CommissionSummary":    {&affiliates.CommissionSummary{}, map[string]any{"totalEarned": 1}},
	"SubscriptionEarnings": {&affiliates.SubscriptionEarnings{}, nil},
	"Payout":               {&affiliates.Payout{}, nil},
	"PayoutSchedule":       {&affiliates.PayoutSchedule{}, map[string]any{"interval": "off"}},
	"Entry":                {&affiliates.Entry{}, nil},
	"Info":                 {&affiliates.Info{}, map[string]any{"affiliate": map[string]any{}}},
	"Badge":                {&affiliates.Badge{}, map[string]any{"svg": "<svg/>"}},
	"Access":               {&affiliates.Access{}, nil},
	"LoginLink":            {&affiliates.LoginLink{}, map[string]any{"url": "https://portal"}},
	"Customer":             {&affiliates.Customer{}, nil},
	"CustomerSession":      {&affiliates.CustomerSession{}, map[string]any{"sessionToken": "s"}},
}

// place is a field somewhere in a type, by the steps that lead to it.
type place struct {
	steps []string
	kind  reflect.Type
}

// places returns the fields of a type and of all that it holds, lists by their first element.
func places(kind reflect.Type, steps ...string) []place {
	var all []place
	if kind.Kind() == reflect.Slice {
		return places(kind.Elem(), append(steps, "[0]")...)
	}
	if kind.Kind() != reflect.Struct || kind == reflect.TypeFor[time.Time]() {
		return nil
	}
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Name == "Data" && name == "" {
			name = "data" // of a Page, which has no tags
		}
		if name == "-" || name == "" {
			continue
		}
		at := append(slices.Clone(steps), name)
		all = append(all, place{at, field.Type})
		all = append(all, places(field.Type, at...)...)
	}
	return all
}

// with returns the JSON of least, with value at the place.
func (p place) with(t *testing.T, least map[string]any, value any) string {
	t.Helper()
	for _, step := range slices.Backward(p.steps[1:]) {
		if step == "[0]" {
			value = []any{value}
			continue
		}
		value = map[string]any{step: value}
	}
	object := map[string]any{}
	maps.Copy(object, least)
	object[p.steps[0]] = value
	return jsonText(t, object)
}

// in returns the place's value.
func (p place) in(value reflect.Value) reflect.Value {
	for _, step := range p.steps {
		if step == "[0]" {
			value = value.Index(0)
			continue
		}
		value = value.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, step) || step == "clickId" && name == "ID" })
	}
	return value
}

func (p place) String() string { return strings.ReplaceAll(strings.Join(p.steps, "."), ".[", "[") }

func TestFieldsMayBeNullAndTimesEmpty(t *testing.T) {
	for name, response := range responses {
		kind := reflect.TypeOf(response.value).Elem()
		for _, p := range places(kind) {
			values := []any{nil}
			if p.kind == reflect.TypeFor[time.Time]() {
				values = append(values, "", "0001-01-01T00:00:00Z")
			}
			if len(p.steps) == 1 && response.least[p.steps[0]] != nil && name != "Page[Application]" {
				continue // the field without which it is nothing
			}
			if (name == "Dashboard" || name == "Info") && p.String() == "affiliate.enrolled" {
				continue // who is not enrolled has no account
			}
			for _, value := range values {
				text := p.with(t, response.least, value)
				t.Run(name+" of "+text, func(t *testing.T) {
					into := reflect.New(kind)
					require.NoError(t, json.Unmarshal([]byte(text), into.Interface()))
					got := p.in(into.Elem())
					assert.True(t, got.IsZero() || got.Kind() == reflect.Slice && got.Len() == 0, "%v", got)
					assert.JSONEq(t, text, string(into.Elem().FieldByName("Raw").Bytes()))
				})
			}
		}
	}
}

func TestErrorsDoNotNameGoTypes(t *testing.T) {
	for name, response := range responses {
		kind := reflect.TypeOf(response.value).Elem()
		for _, p := range places(kind) {
			for _, value := range []any{"text", 7, 1.5, true, []any{}, []any{7}, map[string]any{}, map[string]any{"a": 1}, json.Number("1e400")} {
				text := p.with(t, response.least, value)
				err := json.Unmarshal([]byte(text), reflect.New(kind).Interface())
				if err == nil {
					continue
				}
				path := p.String()
				if list, ok := value.([]any); ok && len(list) > 0 && p.kind.Kind() == reflect.Slice {
					path += "[0]"
				}
				assert.Regexp(t, `^the field "`+strings.NewReplacer("[", `\[`, "]", `\]`).Replace(path)+`" is .*, not [a-z0-9A-Z ]+$`, err.Error(), name+" of "+text)
				for _, private := range []string{"affiliates.", "Go ", "struct", "plain", "json:", "reflect", "time.Time", "unmarshal"} {
					assert.NotContains(t, err.Error(), private, name+" of "+text)
				}
			}
		}
		for _, text := range []string{`[]`, `7`, `"a"`, `true`, `[1]`} {
			if err := json.Unmarshal([]byte(text), reflect.New(kind).Interface()); err != nil {
				assert.Regexp(t, `^the (JSON|field "\[0\]") is .*, not an object$`, err.Error(), name+" of "+text)
			}
		}
	}
}

// An empty time does not change how the other fields are read.
func TestEmptyTimeLeavesOtherFields(t *testing.T) {
	body := strings.Replace(affiliateJSON, "2026-03-01T10:00:00Z", "", 1)
	want := wantAffiliate
	want.CreatedAt, want.Raw = time.Time{}, json.RawMessage(body)
	var got affiliates.Affiliate
	require.NoError(t, json.Unmarshal([]byte(body), &got))
	assert.Equal(t, want, got)

	require.NoError(t, json.Unmarshal([]byte(`{"createdAt":"","-":7,"RAW":7,"extra":[null]}`), &got), "fields that are not known")

	page := `{"data":[` + pendingJSON + `,` + strings.Replace(approvedJSON, "2026-03-01T11:00:00.5Z", "", 1) + `],"pagination":{"cursor":"c2"}}`
	server := newServer(t, response{body: page})
	list, err := server.affiliates().ListApplications(t.Context(), affiliates.ApplicationFilter{})
	require.NoError(t, err)
	require.Len(t, list.Data, 2)
	assert.Equal(t, wantPending, list.Data[0])
	assert.Equal(t, "cmaff1", list.Data[1].AffiliateID)
	assert.Zero(t, list.Data[1].ReviewedAt)
	assert.Equal(t, "c2", list.Cursor)
}

func TestErrorOfResourceNamesInvalidField(t *testing.T) {
	for _, test := range []struct{ name, body, problem string }{
		{"Account.Users.Get", `{}`, `the field "id" is missing`},
		{"Account.Users.List", `{"data":[{},{"createdAt":7}]}`, `the field "data[1].createdAt" is a number, not a time as in RFC 3339`},
		{"Account.Invoices.Receipt", `{"number":""}`, `the field "number" is missing`},
		{"Account.Invoices.Receipt", `{"number":"a","refunds":[{"amount":{}}]}`, `the field "refunds[0].amount" is an object, not a decimal number of at most 36 digits and 18 decimal places`},
		{"Account.Invoices.Receipt", `{"number":"a","customer":{"email":7}}`, `the field "customer.email" is a number, not a string`},
		{"Account.Statement.List", `{"data":[{"balances":{"debt":true}}]}`, `the field "data[0].balances.debt" is true, not a decimal number of at most 36 digits and 18 decimal places`},
		{"Account.Statement.List", `{"data":[{"cause":[]}]}`, `the field "data[0].cause" is an array, not an object`},
		{"Account.Payouts.Schedule", `{"nextAt":"2026-05-01T00:00:00Z"}`, `the field "interval" is missing`},
		{"Account.Info.Get", `{"affiliate":{},"nextLevel":{"missingMonthlyValue":""}}`, `the field "nextLevel.missingMonthlyValue" is a string, not a decimal number of at most 36 digits and 18 decimal places`},
		{"Account.Info.Badge", `{"html":"x"}`, `the field "svg" is missing`},
		{"Account.Users.LogInAs", `{"expiresAt":""}`, `the field "url" is missing`},
		{"Admin.Partners.Get", `{"code":"JANE20"}`, `the field "id" is missing`},
		{"Admin.Partners.Get", `{"id":"a","balances":{"paid":"x"}}`, `the field "balances.paid" is a string, not a decimal number of at most 36 digits and 18 decimal places`},
		{"Admin.Partners.List", `{"data":[{"totalEarned":"x"}]}`, `the field "data[0].totalEarned" is a string, not a decimal number of at most 36 digits and 18 decimal places`},
		{"Admin.Partners.List", `{"data":[{"customers":"x"}]}`, `the field "data[0].customers" is a string, not a whole number of 64 bits`},
		{"Admin.Invoices.Refund", `{"invoice":{}}`, `the field "refund" is missing`},
		{"Admin.Customers.CreateSession", `{"customerId":"a"}`, `the field "sessionToken" is missing`},
	} {
		t.Run(test.name+" of "+test.body, func(t *testing.T) {
			server := newServer(t, response{body: test.body})
			_, err := resourceCallOf(t, test.name).do(t.Context(), server.client())
			var failure *stackbe.Error
			require.ErrorAs(t, err, &failure)
			_, problem, _ := strings.Cut(failure.Message, ": ")
			bits := fmt.Sprintf("of %d bits", reflect.TypeFor[int]().Bits())
			assert.Equal(t, strings.ReplaceAll(test.problem, "of 64 bits", bits), problem)
		})
	}
}

func resourceCallOf(t *testing.T, name string) resourceCall {
	t.Helper()
	for _, c := range resourceCalls {
		if c.name == name {
			return c
		}
	}
	require.FailNow(t, "no such call", name)
	return resourceCall{}
}
