package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// settingsView is the form of all settings.
type settingsView struct {
	Problems []string
	Program  []page.Field
	Plans    []page.Field
	Levels   []levelView
}

// levelView is a level in the form.
type levelView struct {
	Legend string
	Fields []page.Field
}

// moreLevels is how many empty levels the form has beside those that there are.
const moreLevels = 2

func showSettings(v *visit) {
	settings := v.app.Settings()
	v.renderSettings(http.StatusOK, settings, entries(settings), nil)
}

func saveSettings(v *visit) {
	form, ok := v.form()
	if !ok {
		return
	}
	settings := v.app.Settings()
	read := settingsReader{form: form, problems: map[string][]string{}}
	change := read.change(settings)
	if len(read.problems) == 0 {
		if _, err := v.app.UpdateSettings(change); err == nil {
			v.done("The settings are saved.", settingsPath)
			return
		} else if invalid := new(program.Invalid); errors.As(err, &invalid) {
			read.addAll(invalid.Problems)
		}
	} else {
		read.addAll(change.Problems())
	}
	v.renderSettings(http.StatusUnprocessableEntity, settings, form, read.problems)
}

// entries are the texts of the fields for settings.
func entries(settings program.Settings) url.Values {
	form := url.Values{}
	form.Set("defaultCommissionRate", rateText(settings.DefaultCommissionRate))
	form.Set("holdingPeriodDays", strconv.Itoa(settings.HoldingPeriodDays))
	form.Set("minPayoutAmount", page.Decimal(settings.MinPayoutAmount))
	form.Set("cookieDurationDays", strconv.Itoa(settings.CookieDurationDays))
	for _, plan := range settings.Plans {
		form.Set(planField(plan.ID), page.Decimal(plan.MonthlyPrice))
	}
	for i, level := range settings.Levels {
		form.Set(levelField(i, "name"), level.Name)
		form.Set(levelField(i, "minPaidSubscriptions"), strconv.Itoa(level.MinPaidSubscriptions))
		form.Set(levelField(i, "minMonthlyValue"), page.Decimal(level.MinMonthlyValue))
		form.Set(levelField(i, "commissionRate"), rateText(level.CommissionRate))
	}
	return form
}

func rateText(rate program.BasisPoints) string { return strings.TrimSuffix(page.Percent(rate), "%") }

func planField(id program.PlanID) string { return "plan." + string(id) }

func levelField(row int, name string) string { return fmt.Sprintf("levels.%d.%s", row, name) }

var levelFields = []string{"name", "minPaidSubscriptions", "minMonthlyValue", "commissionRate"}

// A settingsReader reads the form of the settings. Its problems are by the names of the fields.
type settingsReader struct {
	form      url.Values
	problems  map[string][]string
	levelRows []int // of the form, of each level that it has
	planNames []string
}

func (r *settingsReader) add(field, problem string) {
	if problem != "" {
		r.problems[field] = append(r.problems[field], problem)
	}
}

func (r *settingsReader) hundredths(field string) int64 {
	value, problem := readHundredths(page.Entered(r.form, field))
	r.add(field, problem)
	return value
}

func (r *settingsReader) integer(field string) int {
	value, problem := readInteger(page.Entered(r.form, field))
	r.add(field, problem)
	return value
}

// change reads what is valid of the form.
func (r *settingsReader) change(present program.Settings) program.SettingsChange {
	change := program.SettingsChange{
		DefaultCommissionRate: new(program.BasisPoints),
		HoldingPeriodDays:     new(int),
		MinPayoutAmount:       new(program.Cents),
		CookieDurationDays:    new(int),
	}
	*change.DefaultCommissionRate = program.BasisPoints(r.hundredths("defaultCommissionRate"))
	*change.HoldingPeriodDays = r.integer("holdingPeriodDays")
	*change.MinPayoutAmount = program.Cents(r.hundredths("minPayoutAmount"))
	*change.CookieDurationDays = r.integer("cookieDurationDays")
	if r.problems["cookieDurationDays"] != nil {
		change.CookieDurationDays = nil // which may not be 0
	}
	for _, plan := range present.Plans {
		field := planField(plan.ID)
		r.planNames = append(r.planNames, field)
		change.Plans = append(change.Plans, program.PlanPrice{ID: plan.ID, MonthlyPrice: program.Cents(r.hundredths(field))})
	}
	levels := r.levels()
	change.Levels = &levels
	return change
}

// levels reads the levels that have any entry.
func (r *settingsReader) levels() []program.Level {
	levels := []program.Level{}
	for row := range program.MaxLevels + 1 {
		entered := ""
		for _, name := range levelFields {
			entered += page.Entered(r.form, levelField(row, name))
		}
		if entered == "" {
			continue
		}
		r.levelRows = append(r.levelRows, row)
		levels = append(levels, program.Level{
			Name:                 page.Entered(r.form, levelField(row, "name")),
			MinPaidSubscriptions: r.integer(levelField(row, "minPaidSubscriptions")),
			MinMonthlyValue:      program.Cents(r.hundredths(levelField(row, "minMonthlyValue"))),
			CommissionRate:       program.BasisPoints(r.hundredths(levelField(row, "commissionRate"))),
		})
	}
	return levels
}

// addAll adds problems of the program to the fields of the form that they are about.
func (r *settingsReader) addAll(problems []program.Problem) {
	for _, problem := range problems {
		text := page.Sentence(problem.Text)
		if isAmount(problem.Field) {
			text = inDollars(text)
		}
		r.add(r.fieldOf(problem.Field), text)
	}
}

// isAmount reports whether a field of the program is an amount of money.
func isAmount(field string) bool {
	switch field[strings.LastIndex(field, ".")+1:] {
	case "minPayoutAmount", "monthlyPrice", "minMonthlyValue":
		return true
	default:
		return false
	}
}

// fieldOf is the name in the form of a field of the program.
func (r *settingsReader) fieldOf(field string) string {
	list, rest, _ := strings.Cut(field, ".")
	number, name, _ := strings.Cut(rest, ".")
	i, err := strconv.Atoi(number)
	switch {
	case err != nil:
		return field
	case list == "levels" && i < len(r.levelRows):
		return levelField(r.levelRows[i], name)
	case list == "plans" && i < len(r.planNames):
		return r.planNames[i]
	default:
		return field
	}
}

// renderSettings shows the form with the entries, and with the problems of each field.
func (v *visit) renderSettings(status int, settings program.Settings, form url.Values, problems map[string][]string) {
	field := func(name, label, hint string) page.Field {
		return page.Field{
			ID: strings.ReplaceAll(name, ".", "-"), Name: name, Label: label, Type: "text", InputMode: "decimal", Autocomplete: "off",
			Value: form.Get(name), Hint: hint, Problems: problems[name],
		}
	}
	shown := settingsView{Program: []page.Field{
		field("defaultCommissionRate", "Commission rate (%)", "A partner’s share of a payment, before it reaches a level. 0 to 100."),
		field("holdingPeriodDays", "Holding period (days)", "How long a commission is in review. 0 to 365."),
		field("minPayoutAmount", "Minimum payout ($)", "What has to be ready for a payout. $0.00 to $1000000.00."),
		field("cookieDurationDays", "Cookie duration (days)", "How long a click on a referral link attributes a sign-up. 1 to 365."),
	}}
	for _, plan := range settings.Plans {
		shown.Plans = append(shown.Plans, field(planField(plan.ID), plan.Name+" ($ a month)", ""))
	}
	rows := min(max(len(settings.Levels)+moreLevels, lastLevel(form)+1), program.MaxLevels)
	for row := range rows {
		legend := "Level " + strconv.Itoa(row+1)
		if row >= len(settings.Levels) {
			legend = "New level"
		}
		name := field(levelField(row, "name"), "Name", "")
		name.InputMode = ""
		shown.Levels = append(shown.Levels, levelView{legend, []page.Field{
			name,
			field(levelField(row, "minPaidSubscriptions"), "Paid subscriptions", ""),
			field(levelField(row, "minMonthlyValue"), "Monthly referral value ($)", ""),
			field(levelField(row, "commissionRate"), "Commission rate (%)", ""),
		}})
	}
	if len(problems) > 0 {
		shown.Problems = append([]string{"Nothing was saved yet. Correct the marked fields."}, problems["levels"]...)
	}
	v.render(status, "settings", settingsPath, page.View{
		Title:   "Settings",
		Lead:    "The rules of the program. A change holds from now on; earlier records keep the rules of their time.",
		Content: shown,
	})
}

// lastLevel is the last row of the form with an entry; -1 if there is none.
func lastLevel(form url.Values) int {
	for row := program.MaxLevels; row >= 0; row-- {
		for _, name := range levelFields {
			if page.Entered(form, levelField(row, name)) != "" {
				return row
			}
		}
	}
	return -1
}
