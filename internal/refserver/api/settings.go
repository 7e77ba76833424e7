package api

import "github.com/stackbe/stackbe-go/internal/refserver/program"

type settingsBody struct {
	DefaultCommissionRate program.BasisPoints `json:"defaultCommissionRate"`
	HoldingPeriodDays     int                 `json:"holdingPeriodDays"`
	MinPayoutAmount       program.Cents       `json:"minPayoutAmount"`
	CookieDurationDays    int                 `json:"cookieDurationDays"`
	Levels                []levelBody         `json:"levels"`
	Plans                 []planBody          `json:"plans"`
}

type planBody struct {
	ID           program.PlanID `json:"id"`
	Name         string         `json:"name"`
	MonthlyPrice program.Cents  `json:"monthlyPrice"`
}

type levelBody struct {
	Name                 string              `json:"name"`
	MinPaidSubscriptions int                 `json:"minPaidSubscriptions"`
	MinMonthlyValue      program.Cents       `json:"minMonthlyValue"`
	CommissionRate       program.BasisPoints `json:"commissionRate"`
}

func toLevelBody(level program.Level) levelBody {
	return levelBody{
		Name:                 level.Name,
		MinPaidSubscriptions: level.MinPaidSubscriptions,
		MinMonthlyValue:      level.MinMonthlyValue,
		CommissionRate:       level.CommissionRate,
	}
}

func toSettingsBody(settings program.Settings) settingsBody {
	levels := make([]levelBody, 0, len(settings.Levels))
	for _, level := range settings.Levels {
		levels = append(levels, toLevelBody(level))
	}
	plans := make([]planBody, 0, len(settings.Plans))
	for _, plan := range settings.Plans {
		plans = append(plans, planBody{plan.ID, plan.Name, plan.MonthlyPrice})
	}
	return settingsBody{
		DefaultCommissionRate: settings.DefaultCommissionRate,
		HoldingPeriodDays:     settings.HoldingPeriodDays,
		MinPayoutAmount:       settings.MinPayoutAmount,
		CookieDurationDays:    settings.CookieDurationDays,
		Levels:                levels,
		Plans:                 plans,
	}
}

func getSettings(c *call) (any, error) {
	return toSettingsBody(c.app.Settings()), nil
}

func updateSettings(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	change := program.SettingsChange{
		DefaultCommissionRate: as[program.BasisPoints](body.decimal("defaultCommissionRate")),
		HoldingPeriodDays:     body.integer("holdingPeriodDays"),
		MinPayoutAmount:       as[program.Cents](body.decimal("minPayoutAmount")),
		CookieDurationDays:    body.integer("cookieDurationDays"),
		Levels:                readLevels(body),
		Plans:                 readPlans(body),
	}
	if err := body.check(change.Problems()); err != nil {
		return nil, err
	}
	settings, err := c.app.UpdateSettings(change)
	if err != nil {
		return nil, err
	}
	return toSettingsBody(settings), nil
}

// readLevels returns nil if the levels are left out or are not an array of objects. If there are too
// many, which is refused, it reads none.
func readLevels(body *fields) *[]program.Level {
	objects := body.objects("levels")
	if objects == nil {
		return nil
	}
	if len(objects) > program.MaxLevels {
		unread := make([]program.Level, len(objects))
		return &unread
	}
	levels := make([]program.Level, 0, len(objects))
	for _, object := range objects {
		object.require("name", "minPaidSubscriptions", "minMonthlyValue", "commissionRate")
		levels = append(levels, program.Level{
			Name:                 object.text("name"),
			MinPaidSubscriptions: orZero(object.integer("minPaidSubscriptions")),
			MinMonthlyValue:      program.Cents(orZero(object.decimal("minMonthlyValue"))),
			CommissionRate:       program.BasisPoints(orZero(object.decimal("commissionRate"))),
		})
		object.unknown()
		body.include(object)
	}
	return &levels
}

// readPlans returns nil if the plans are left out or are not an array of objects. There are fewer plans
// than elements that are read from an array, so that too many are refused as given twice.
func readPlans(body *fields) []program.PlanPrice {
	var prices []program.PlanPrice
	for _, object := range body.objects("plans") {
		object.require("id", "monthlyPrice")
		prices = append(prices, program.PlanPrice{
			ID:           program.PlanID(object.text("id")),
			MonthlyPrice: program.Cents(orZero(object.decimal("monthlyPrice"))),
		})
		object.unknown()
		body.include(object)
	}
	return prices
}

func as[N ~int64](number *int64) *N {
	if number == nil {
		return nil
	}
	converted := N(*number)
	return &converted
}

func orZero[N any](number *N) N {
	if number == nil {
		var zero N
		return zero
	}
	return *number
}
