package console

// Routes are the patterns of the pages and forms of c.
func Routes(c *Console) []string { return c.routes().patterns }

// ReadHundredths and ReadInteger are how forms are read.
var (
	ReadHundredths = readHundredths
	ReadInteger    = readInteger
)
