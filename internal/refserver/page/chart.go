package page

import (
	"math"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A Chart has a bar for each of its figures, which are also in a table.
type Chart struct {
	ID, Title            string
	LabelName, ValueName string
	Width, Height, TextY int
	Lines                []ChartLine
	Bars                 []ChartBar
}

// A ChartLine is a line of the grid with its amount.
type ChartLine struct {
	Class        string
	X1, X2, Y    int
	TextX, TextY int
	Text         string
}

// A ChartBar is a figure.
type ChartBar struct {
	Label, Short, Value        string
	Class                      string
	X, Y, Width, Height, TextX int
	EveryOther                 bool // its label is left out where there is little room
}

// A Figure is one of the amounts of a chart. Short is its label under the bar.
type Figure struct {
	Label, Short string
	Amount       program.Cents
}

const (
	chartWidth, chartHeight = 720, 240
	chartTop, chartBottom   = 14, 212
	chartSteps              = 4
	labelGap                = 8
	labelCharacter          = 15 // the width of a digit on the phone, where labels are largest
)

// NewChart draws figures, of which the last is the present one.
func NewChart(id, title, labelName, valueName string, figures []Figure) Chart {
	chart := Chart{ID: id, Title: title, LabelName: labelName, ValueName: valueName, Width: chartWidth, Height: chartHeight, TextY: chartHeight - 8}
	lowest, highest := extent(figures)
	left := leftOf(lowest, highest)
	scale := func(amount float64) int {
		return chartTop + int(math.Round((highest-amount)/(highest-lowest)*(chartBottom-chartTop)))
	}
	for step := range chartSteps + 1 {
		amount := lineAt(lowest, highest, step)
		y := scale(amount)
		class := "grid"
		if amount == 0 {
			class = "axis"
		}
		chart.Lines = append(chart.Lines, ChartLine{
			Class: class, X1: left, X2: chartWidth, Y: y, TextX: left - labelGap, TextY: y + 4, Text: Money(program.Cents(amount)),
		})
	}
	room := float64(chartWidth-left) / float64(max(len(figures), 1))
	for i, figure := range figures {
		width := min(room*0.62, 44)
		middle := float64(left) + room*(float64(i)+0.5)
		top, bottom, class := scale(float64(max(figure.Amount, 0))), scale(float64(min(figure.Amount, 0))), "bar"
		if figure.Amount < 0 {
			class = "bar below"
		} else if i == len(figures)-1 {
			class = "bar now"
		}
		chart.Bars = append(chart.Bars, ChartBar{
			Label: figure.Label, Short: figure.Short, Value: Money(figure.Amount), Class: class,
			X: int(math.Round(middle - width/2)), Y: top, Width: int(math.Round(width)), Height: bottom - top, TextX: int(math.Round(middle)), EveryOther: (len(figures)-i)%2 == 0,
		})
	}
	return chart
}

// lineAt is the amount of a line of the grid.
func lineAt(lowest, highest float64, step int) float64 {
	return lowest + (highest-lowest)*float64(step)/chartSteps
}

// leftOf is where the bars begin: beside the longest label.
func leftOf(lowest, highest float64) int {
	longest := 0
	for step := range chartSteps + 1 {
		longest = max(longest, len(Money(program.Cents(lineAt(lowest, highest, step)))))
	}
	return longest*labelCharacter + labelGap
}

// extent is a range of round amounts around all figures and 0.
func extent(figures []Figure) (lowest, highest float64) {
	least, most := program.Cents(0), program.Cents(0)
	for _, figure := range figures {
		least, most = min(least, figure.Amount), max(most, figure.Amount)
	}
	step := roundUp((float64(most) - float64(least)) / chartSteps)
	lowest = math.Floor(float64(least)/step) * step
	highest = lowest + chartSteps*step
	for highest < float64(most) {
		step = roundUp(step * 1.01)
		lowest = math.Floor(float64(least)/step) * step
		highest = lowest + chartSteps*step
	}
	return lowest, highest
}

// roundUp is the next of 1, 2, 2.5 and 5 times a power of ten, in cents, and at least 1.00.
func roundUp(step float64) float64 {
	const least = 100
	if step <= least {
		return least
	}
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, factor := range []float64{1, 2, 2.5, 5, 10} {
		if factor*power >= step {
			return factor * power
		}
	}
	return 10 * power
}
