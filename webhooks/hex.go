package webhooks

// The functions of this file read eight lower-case hex digits, or their values, that are
// the bytes of a word.

// eachByte times a byte is a word of eight of them.
const eachByte = 0x0101010101010101

// hexValues returns in each byte the value of the hex digit that is there: its lower four
// bits, and 9 more if it is a letter. Any other byte has some value, up to 24.
func hexValues(word uint64) uint64 { return word&(eachByte*0x0f) + word>>6&eachByte*9 }

// hexDigits returns in each byte the digit of the value that is there, if that is one.
func hexDigits(values uint64) uint64 {
	letters := (values + eachByte*6) >> 4 & eachByte // 1 for what is above 9
	return values + eachByte*'0' + letters*('a'-10-'0')
}

// joined returns the four bytes that each two of eight values make, the upper half first.
func joined(values uint64) uint32 {
	bytes := (values<<4 | values>>8) & 0x00ff00ff00ff00ff
	bytes = (bytes | bytes>>8) & 0x0000ffff0000ffff
	return uint32(bytes | bytes>>16)
}
