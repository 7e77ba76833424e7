package program

// Cents is an amount of money in hundredths of the program's currency.
type Cents int64

// BasisPoints is a rate in hundredths of a percent: 2000 is 20 %.
type BasisPoints int64

// Fractions of one.
const (
	onePercent   BasisPoints = 100
	wholeRate                = 100 * onePercent
	oneUnit      Cents       = 100
	maxPayment   Cents       = 10_000_000_000_000
	maxSetAmount             = 1_000_000 * oneUnit
)

// shareOf is the rate's share of an amount of at most maxPayment, rounded half up to the cent.
func shareOf(amount Cents, rate BasisPoints) Cents {
	return (amount*Cents(rate) + Cents(wholeRate)/2) / Cents(wholeRate)
}
