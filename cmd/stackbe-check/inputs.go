package main

import "strings"

// The variables that a check reads. Each has a flag of the same name: -api-key.
const (
	baseURLVariable       = "STACKBE_BASE_URL"
	apiKeyVariable        = "STACKBE_API_KEY"
	appIDVariable         = "STACKBE_APP_ID"
	sessionTokenVariable  = "STACKBE_SESSION_TOKEN"
	customerIDVariable    = "STACKBE_CUSTOMER_ID"
	adminTokenVariable    = "STACKBE_ADMIN_TOKEN"
	webhookSecretVariable = "STACKBE_WEBHOOK_SECRET"
)

// flagOf is the name of the flag for a variable, without its dash.
func flagOf(variable string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(variable, "STACKBE_")), "_", "-")
}

// inputs are the values of variables and flags.
func (o *options) inputs() map[string]*string {
	return map[string]*string{
		baseURLVariable:       &o.baseURL,
		apiKeyVariable:        &o.apiKey,
		appIDVariable:         &o.appID,
		sessionTokenVariable:  &o.sessionToken,
		customerIDVariable:    &o.customerID,
		adminTokenVariable:    &o.adminToken,
		webhookSecretVariable: &o.webhookSecret,
	}
}

// notGiven names the variables without a value, and their flags; "" if there are none.
func (o *options) notGiven(variables ...string) string {
	var lacking []string
	for _, variable := range variables {
		if *o.inputs()[variable] == "" {
			lacking = append(lacking, either(variable))
		}
	}
	if len(lacking) == 0 {
		return ""
	}
	return "not given: " + strings.Join(lacking, ", ")
}

// either names a variable and its flag.
func either(variable string) string { return variable + " (or -" + flagOf(variable) + ")" }
