package openapi_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/e2e/openapi"
)

// Go types and the schemas of what they hold. A type of several schemas has the fields of all.
var typesOfSchemas = []struct {
	of      reflect.Type
	schemas []string
}{
	{reflect.TypeFor[affiliates.Affiliate](), []string{"Affiliate"}},
	{reflect.TypeFor[affiliates.Application](), []string{"Application"}},
	{reflect.TypeFor[affiliates.ApplyResult](), []string{"ApplyResult"}},
	{reflect.TypeFor[affiliates.ApplyParams](), []string{"ApplicationRequest"}},
	{reflect.TypeFor[affiliates.ApplicationCheck](), []string{"NotApplied", "Applied"}},
	{reflect.TypeFor[affiliates.Review](), []string{"Review"}},
	{reflect.TypeFor[affiliates.ReviewParams](), []string{"Approval", "Rejection"}},
	{reflect.TypeFor[affiliates.Dashboard](), []string{"Dashboard"}},
	{reflect.TypeFor[affiliates.PortalLink](), []string{"PortalLink"}},
	{reflect.TypeFor[affiliates.TrackParams](), []string{"TrackRequest"}},
	{reflect.TypeFor[affiliates.Click](), []string{"Click"}},
	{reflect.TypeFor[affiliates.DealParams](), []string{"DealRequest"}},
	{reflect.TypeFor[affiliates.Deal](), []string{"Deal"}},
	{reflect.TypeFor[affiliates.Settings](), []string{"Settings"}},
	{reflect.TypeFor[affiliates.UpdateSettingsParams](), []string{"SettingsChange"}},
	{reflect.TypeFor[affiliates.Level](), []string{"Level"}},
	{reflect.TypeFor[affiliates.PlanTerms](), []string{"PlanTerms"}},
	{reflect.TypeFor[affiliates.PlanPrice](), []string{"PlanPrice"}},

	{reflect.TypeFor[affiliates.User](), []string{"User"}},
	{reflect.TypeFor[affiliates.PlanCounts](), []string{"PlanCounts"}},
	{reflect.TypeFor[affiliates.CreateSubAccountParams](), []string{"SubAccountRequest"}},
	{reflect.TypeFor[affiliates.AddExistingUserParams](), []string{"AddExistingRequest"}},
	{reflect.TypeFor[affiliates.RequestAccessParams](), []string{"EmptyObject"}},
	{reflect.TypeFor[affiliates.LogInAsParams](), []string{"EmptyObject"}},
	{reflect.TypeFor[affiliates.LoginLink](), []string{"LoginLink"}},
	{reflect.TypeFor[affiliates.Subscription](), []string{"Subscription", "AccountSubscription"}},
	{reflect.TypeFor[affiliates.Invoice](), []string{"Invoice", "AccountInvoice"}},
	{reflect.TypeFor[affiliates.Refund](), []string{"Refund"}},
	{reflect.TypeFor[affiliates.Receipt](), []string{"Receipt"}},
	{reflect.TypeFor[affiliates.ReceiptCustomer](), []string{"ReceiptCustomer"}},
	{reflect.TypeFor[affiliates.ReceiptLine](), []string{"ReceiptLine"}},
	{reflect.TypeFor[affiliates.Commission](), []string{"Commission"}},
	{reflect.TypeFor[affiliates.CommissionSummary](), []string{"CommissionSummary"}},
	{reflect.TypeFor[affiliates.SubscriptionEarnings](), []string{"SubscriptionEarnings"}},
	{reflect.TypeFor[affiliates.Payout](), []string{"Payout", "AdminPayout"}},
	{reflect.TypeFor[affiliates.RequestPayoutParams](), []string{"EmptyObject"}},
	{reflect.TypeFor[affiliates.PayoutSchedule](), []string{"PayoutSchedule"}},
	{reflect.TypeFor[affiliates.SetPayoutScheduleParams](), []string{"ScheduleChange"}},
	{reflect.TypeFor[affiliates.Entry](), []string{"Entry"}},
	{reflect.TypeFor[affiliates.Cause](), []string{"Cause"}},
	{reflect.TypeFor[affiliates.Balances](), []string{"Balances"}},
	{reflect.TypeFor[affiliates.Info](), []string{"Info"}},
	{reflect.TypeFor[affiliates.NextLevel](), []string{"NextLevel"}},
	{reflect.TypeFor[affiliates.Badge](), []string{"Badge"}},
	{reflect.TypeFor[affiliates.Access](), []string{"Access"}},

	{reflect.TypeFor[affiliates.Partner](), []string{"AdminPartner"}},
	{reflect.TypeFor[affiliates.Customer](), []string{"Customer"}},
	{reflect.TypeFor[affiliates.CreateCustomerParams](), []string{"CustomerRequest"}},
	{reflect.TypeFor[affiliates.UpdateCustomerParams](), []string{"CustomerChange"}},
	{reflect.TypeFor[affiliates.CreateSessionParams](), []string{"EmptyObject"}},
	{reflect.TypeFor[affiliates.CustomerSession](), []string{"CustomerSession"}},
	{reflect.TypeFor[affiliates.CreateSubscriptionParams](), []string{"SubscriptionRequest"}},
	{reflect.TypeFor[affiliates.UpdateSubscriptionParams](), []string{"SubscriptionChange"}},
	{reflect.TypeFor[affiliates.CreateInvoiceParams](), []string{"InvoiceRequest"}},
	{reflect.TypeFor[affiliates.PayInvoiceParams](), []string{"EmptyObject"}},
	{reflect.TypeFor[affiliates.RefundInvoiceParams](), []string{"RefundRequest"}},
	{reflect.TypeFor[affiliates.RefundResult](), []string{"RefundResult"}},
}

// tagged are the names that a struct's fields have under the key of their tags, those of embedded
// structs included.
func tagged(of reflect.Type, key string) []string {
	var names []string
	for i := range of.NumField() {
		field := of.Field(i)
		if field.Anonymous {
			names = append(names, tagged(field.Type, key)...)
			continue
		}
		if name, _, _ := strings.Cut(field.Tag.Get(key), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestTheTypesOfTheSDKHaveTheFieldsOfTheDocument(t *testing.T) {
	schemas := load(t).Components.Schemas
	for _, one := range typesOfSchemas {
		properties := map[string]bool{}
		for _, name := range one.schemas {
			require.Contains(t, schemas, name)
			for property := range schemas[name].Value.Properties {
				properties[property] = true
			}
		}
		assert.ElementsMatch(t, slices.Collect(maps.Keys(properties)), tagged(one.of, "json"), one.of.Name())
	}
}

func TestTheFiltersOfTheSDKHaveTheParametersOfTheDocument(t *testing.T) {
	filters := map[string]reflect.Type{
		"listApplications":         reflect.TypeFor[affiliates.ApplicationFilter](),
		"listUsers":                reflect.TypeFor[affiliates.UserFilter](),
		"listUserSubscriptions":    reflect.TypeFor[affiliates.UserSubscriptionFilter](),
		"listAccountInvoices":      reflect.TypeFor[affiliates.InvoiceFilter](),
		"listAccountRefunds":       reflect.TypeFor[affiliates.RefundFilter](),
		"listCommissions":          reflect.TypeFor[affiliates.CommissionFilter](),
		"listSubscriptionEarnings": reflect.TypeFor[affiliates.SubscriptionEarningsFilter](),
		"listPayouts":              reflect.TypeFor[affiliates.PayoutFilter](),
		"listEntries":              reflect.TypeFor[affiliates.StatementFilter](),
		"listDeals":                reflect.TypeFor[affiliates.DealFilter](),
		"listAccess":               reflect.TypeFor[affiliates.AccessFilter](),
		"listPartners":             reflect.TypeFor[affiliates.PartnerFilter](),
		"listAdminPayouts":         reflect.TypeFor[affiliates.PayoutFilter](),
		"listCustomers":            reflect.TypeFor[affiliates.CustomerFilter](),
		"listSubscriptions":        reflect.TypeFor[affiliates.SubscriptionFilter](),
		"listInvoices":             reflect.TypeFor[affiliates.AdminInvoiceFilter](),
		"listRefunds":              reflect.TypeFor[affiliates.RefundFilter](),
	}
	for _, operation := range openapi.Operations(load(t)) {
		var parameters []string
		for _, parameter := range operation.Parameters {
			if parameter.Value.In == "query" {
				parameters = append(parameters, parameter.Value.Name)
			}
		}
		filter, isList := filters[operation.OperationID]
		if !isList {
			assert.NotContains(t, parameters, "limit", operation.OperationID)
			continue
		}
		delete(filters, operation.OperationID)
		assert.ElementsMatch(t, parameters, tagged(filter, "url"), operation.OperationID)
	}
	assert.Empty(t, filters, "operations that are not in the document")
}

// Values that the document has are constants of the SDK.
func TestTheEnumerationsOfTheSDKHaveTheValuesOfTheDocument(t *testing.T) {
	schemas := load(t).Components.Schemas
	for name, constants := range map[string][]string{
		"Plan":               texts(affiliates.PlanFree, affiliates.PlanPro, affiliates.PlanBusiness, affiliates.PlanEnterprise),
		"SubscriptionStatus": texts(affiliates.SubscriptionActive, affiliates.SubscriptionLimitExceeded, affiliates.SubscriptionError, affiliates.SubscriptionCanceled),
		"UserFilter":         texts(affiliates.SubscriptionLimitExceeded, affiliates.SubscriptionError),
		"Billing":            texts(affiliates.BillingIndividual, affiliates.BillingConsolidated),
		"PaymentMethod":      texts(affiliates.PaymentMethodValid, affiliates.PaymentMethodDeclined),
		"InvoiceStatus":      texts(affiliates.InvoicePaid, affiliates.InvoicePartiallyRefunded, affiliates.InvoiceRefunded, affiliates.InvoiceFailed),
		"CommissionStatus": texts(affiliates.CommissionInReview, affiliates.CommissionReady, affiliates.CommissionInPayout, affiliates.CommissionPaid,
			affiliates.CommissionVoided, affiliates.CommissionClawback),
		"PayoutStatus":   texts(affiliates.PayoutPending, affiliates.PayoutProcessing, affiliates.PayoutPaid, affiliates.PayoutFailed),
		"PayoutInterval": texts(affiliates.PayoutIntervalOff, affiliates.PayoutIntervalWeekly, affiliates.PayoutIntervalMonthly),
		"AccessStatus":   texts(affiliates.AccessRequested, affiliates.AccessGranted, affiliates.AccessDeclined, affiliates.AccessWithdrawn),
		"User.access":    texts(affiliates.AccessNone, affiliates.AccessRequested, affiliates.AccessGranted, affiliates.AccessDeclined, affiliates.AccessWithdrawn),
		"User.source": texts(affiliates.UserSourceReferralCode, affiliates.UserSourceClick, affiliates.UserSourceDeal, affiliates.UserSourceSubAccount,
			affiliates.UserSourceLinked),
		"Place": texts(affiliates.PlaceOutside, affiliates.PlaceInReview, affiliates.PlaceReady, affiliates.PlaceInPayout, affiliates.PlacePaid),
		"Entry.kind": texts(affiliates.EntryCommission, affiliates.EntryMatured, affiliates.EntryReduction, affiliates.EntryClawback,
			affiliates.EntryPayoutRequested, affiliates.EntryPayoutPaid, affiliates.EntryPayoutFailed),
		"Cause.type":        texts(affiliates.CauseInvoice, affiliates.CauseCommission, affiliates.CauseRefund, affiliates.CausePayout),
		"DealStatus":        texts(affiliates.DealRegistered, affiliates.DealWon),
		"ApplicationStatus": texts(affiliates.ApplicationPending, affiliates.ApplicationApproved, affiliates.ApplicationRejected),
		"PayoutStep.status": texts(affiliates.PayoutProcessing, affiliates.PayoutPaid, affiliates.PayoutFailed),
	} {
		owner, property, _ := strings.Cut(name, ".")
		require.Contains(t, schemas, owner)
		schema := schemas[owner].Value
		if property != "" {
			schema = schema.Properties[property].Value
		}
		assert.ElementsMatch(t, schema.Enum, constants, name)
	}
}

func texts[T ~string](values ...T) []string {
	var all []string
	for _, value := range values {
		all = append(all, string(value))
	}
	return all
}
