package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Settings are the terms of a program.
type Settings struct {
	// DefaultCommissionRate is the partner's share of a payment. Default: 20 %.
	DefaultCommissionRate BasisPoints `json:"defaultCommissionRate"`
	// HoldingPeriodDays is how long a commission stays in review. Default: 30.
	HoldingPeriodDays int `json:"holdingPeriodDays"`
	// MinPayoutAmount is the least balance that is paid out. Default: 50.00.
	MinPayoutAmount Cents `json:"minPayoutAmount"`
	// CookieDurationDays is how long a click attributes a sign-up. Default: 30.
	CookieDurationDays int `json:"cookieDurationDays"`
	// Levels are better rates, for partners that reach them. Default: none.
	Levels []Level `json:"levels,omitempty"`
	// Plans are all plans, with their prices.
	Plans []Plan `json:"plans,omitempty"`
}

// A Level is a better rate for partners that bring more. Either minimum reaches it, if it is above 0;
// a level with both at 0 is everyone's.
type Level struct {
	Name                 string      `json:"name"`
	MinPaidSubscriptions int         `json:"minPaidSubscriptions"`
	MinMonthlyValue      Cents       `json:"minMonthlyValue"`
	CommissionRate       BasisPoints `json:"commissionRate"`
}

// A SettingsChange says which settings to change: nil leaves a setting as it is. Levels are
// replaced whole; plans that are not named keep their price.
type SettingsChange struct {
	DefaultCommissionRate *BasisPoints
	HoldingPeriodDays     *int
	MinPayoutAmount       *Cents
	CookieDurationDays    *int
	Levels                *[]Level
	Plans                 []PlanPrice
}

const (
	maxHoldingPeriodDays  = 365
	maxCookieDurationDays = 365
	maxSubscriptions      = 1_000_000
)

// MaxLevels is how many levels there may be.
const MaxLevels = 20

func defaultSettings() Settings {
	return Settings{
		DefaultCommissionRate: 20 * onePercent,
		HoldingPeriodDays:     30,
		MinPayoutAmount:       50 * oneUnit,
		CookieDurationDays:    30,
		Plans:                 defaultPlans(),
	}
}

// UnmarshalJSON reads the settings of a document, and the default of those that it leaves out.
func (s *Settings) UnmarshalJSON(text []byte) error {
	type plain Settings
	read := plain(defaultSettings())
	read.Plans = nil // what is left out of them is completed by their ids, not by their places
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&read)
	*s = Settings(read)
	return err
}

func (s Settings) holdingPeriod() time.Duration { return time.Duration(s.HoldingPeriodDays) * day }

func (s Settings) cookieDuration() time.Duration { return time.Duration(s.CookieDurationDays) * day }

// Problems names what is wrong with the change; nothing when it can be made.
func (c SettingsChange) Problems() []Problem {
	var p problems
	if c.DefaultCommissionRate != nil {
		between(&p, "defaultCommissionRate", *c.DefaultCommissionRate, 0, wholeRate, onePercent)
	}
	if c.HoldingPeriodDays != nil {
		between(&p, "holdingPeriodDays", *c.HoldingPeriodDays, 0, maxHoldingPeriodDays, 1)
	}
	if c.MinPayoutAmount != nil {
		between(&p, "minPayoutAmount", *c.MinPayoutAmount, 0, maxSetAmount, oneUnit)
	}
	if c.CookieDurationDays != nil {
		between(&p, "cookieDurationDays", *c.CookieDurationDays, 1, maxCookieDurationDays, 1)
	}
	if c.Levels != nil {
		p.levels(*c.Levels)
	}
	p.planPrices(c.Plans)
	return p
}

func (p *problems) levels(levels []Level) {
	if len(levels) > MaxLevels {
		p.add(ProblemValue, "levels", "must contain no more than %d elements", MaxLevels)
		return
	}
	seen := map[string]bool{}
	for i, level := range levels {
		field := func(name string) string { return fmt.Sprintf("levels.%d.%s", i, name) }
		p.required(field("name"), level.Name, maxLevelName)
		between(p, field("minPaidSubscriptions"), level.MinPaidSubscriptions, 0, maxSubscriptions, 1)
		between(p, field("minMonthlyValue"), level.MinMonthlyValue, 0, maxSetAmount, oneUnit)
		between(p, field("commissionRate"), level.CommissionRate, 0, wholeRate, onePercent)
		if seen[level.Name] {
			p.add(ProblemValue, field("name"), "must be unique")
		}
		seen[level.Name] = true
	}
}

// Settings are the terms as they stand.
func (p *Program) Settings() Settings {
	settings, _ := query(p, func(s *state, _ time.Time) (Settings, error) { return s.settings.clone(), nil })
	return settings
}

// UpdateSettings makes the change and gives the terms that result. What happened before keeps
// the terms of its time. It fails with [Invalid], and then changes nothing.
func (p *Program) UpdateSettings(changed SettingsChange) (Settings, error) {
	if err := invalid(changed.Problems()); err != nil {
		return Settings{}, err
	}
	return command(p, func(s *state, _ time.Time) (change[Settings], error) {
		return func() Settings {
			s.settings = s.settings.with(changed)
			return s.settings.clone()
		}, nil
	})
}

func (s Settings) with(changed SettingsChange) Settings {
	set(&s.DefaultCommissionRate, changed.DefaultCommissionRate)
	set(&s.HoldingPeriodDays, changed.HoldingPeriodDays)
	set(&s.MinPayoutAmount, changed.MinPayoutAmount)
	set(&s.CookieDurationDays, changed.CookieDurationDays)
	if changed.Levels != nil {
		s.Levels = slices.Clone(*changed.Levels)
	}
	s.Plans = withPrices(s.Plans, changed.Plans)
	return s
}

func (s Settings) clone() Settings {
	s.Levels = slices.Clone(s.Levels)
	s.Plans = slices.Clone(s.Plans)
	return s
}

func set[T any](setting *T, value *T) {
	if value != nil {
		*setting = *value
	}
}
