package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Settings are the settings of a program.
type Settings struct {
	// DefaultCommissionRate is the partner's share of a payment. Default: 20 %.
	DefaultCommissionRate BasisPoints `json:"defaultCommissionRate"`
	// HoldingPeriodDays is how long a commission stays in review. Default: 30.
	HoldingPeriodDays int `json:"holdingPeriodDays"`
	// MinPayoutAmount is the minimum for a payout. Default: 50.00.
	MinPayoutAmount Cents `json:"minPayoutAmount"`
	// CookieDurationDays is how long a click attributes a sign-up. Default: 30.
	CookieDurationDays int `json:"cookieDurationDays"`
	// Levels are better rates for partners that reach them. Default: none.
	Levels []Level `json:"levels,omitempty"`
	// Plans are all plans, with their prices.
	Plans []Plan `json:"plans,omitempty"`
}

// A Level is a better rate for partners with more users. Either minimum is enough to reach it; a
// minimum of 0 does not count, and a level with both at 0 is reached by everyone.
type Level struct {
	Name                 string      `json:"name"`
	MinPaidSubscriptions int         `json:"minPaidSubscriptions"`
	MinMonthlyValue      Cents       `json:"minMonthlyValue"`
	CommissionRate       BasisPoints `json:"commissionRate"`
}

// A SettingsChange says which settings to change: a nil field is not changed. Levels are
// replaced as a whole; plans that are left out keep their prices.
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

// UnmarshalJSON reads the settings of a document; those that it leaves out have their defaults.
func (s *Settings) UnmarshalJSON(text []byte) error {
	type plain Settings
	read := plain(defaultSettings())
	read.Plans = nil // missing plans are completed by their ids, not by their positions
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&read)
	*s = Settings(read)
	return err
}

func (s Settings) holdingPeriod() time.Duration { return time.Duration(s.HoldingPeriodDays) * day }

func (s Settings) cookieDuration() time.Duration { return time.Duration(s.CookieDurationDays) * day }

// Problems returns the problems of the change; none if it is valid.
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

// Settings returns the present settings.
func (p *Program) Settings() Settings {
	settings, _ := query(p, func(s *state, _ time.Time) (Settings, error) { return s.settings.clone(), nil })
	return settings
}

// UpdateSettings makes the change and returns the new settings. Earlier records keep the settings of
// their time. It returns [Invalid] without changing anything.
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
