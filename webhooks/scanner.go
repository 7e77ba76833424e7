package webhooks

// maxDepth is how deep arrays and objects may be nested, the envelope included.
const maxDepth = 100

// problem is what is wrong with a JSON text. It never holds any of it.
type problem string

func (p problem) Error() string { return string(p) }

const (
	problemEnd       problem = "the text ends early"
	problemValue     problem = "a value is malformed"
	problemNumber    problem = "a number is malformed"
	problemString    problem = "a string has a control character or a malformed escape"
	problemSeparator problem = "a comma or a closing bracket is missing"
	problemKey       problem = "a key is missing or malformed"
	problemDepth     problem = "arrays and objects are nested too deep"
	problemTrailing  problem = "there is something after the object"
	problemUTF8      problem = "the text is not UTF-8"
)

// scanner reads JSON text by the grammar of RFC 8259, once and without copying it.
// The text is valid UTF-8.
type scanner struct {
	text  []byte
	at    int
	depth int
}

// span is the part of a text from start up to end; the zero span is none.
type span struct{ start, end int }

func (s span) of(text []byte) []byte { return text[s.start:s.end:s.end] }

func (s *scanner) space() {
	for s.at < len(s.text) && isSpace(s.text[s.at]) {
		s.at++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// next takes the byte c, if it comes next.
func (s *scanner) next(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) value() error {
	if s.at == len(s.text) {
		return problemEnd
	}
	switch c := s.text[s.at]; c {
	case '{':
		return s.object(nil)
	case '[':
		return s.array()
	case '"':
		return s.string()
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		return s.number()
	}
}

// object reads an object, and has fields, where there are any, take note of its members.
func (s *scanner) object(fields *envelopeFields) error {
	if !s.next('{') {
		return problemValue
	}
	s.depth++
	if s.depth > maxDepth {
		return problemDepth
	}
	s.space()
	if s.next('}') {
		s.depth--
		return nil
	}
	for {
		if err := s.member(fields); err != nil {
			return err
		}
		s.space()
		if s.next('}') {
			s.depth--
			return nil
		}
		if !s.next(',') {
			return problemSeparator
		}
		s.space()
	}
}

func (s *scanner) member(fields *envelopeFields) error {
	key := span{start: s.at}
	if s.at == len(s.text) || s.text[s.at] != '"' {
		return problemKey
	}
	if err := s.string(); err != nil {
		return err
	}
	key.end = s.at
	s.space()
	if !s.next(':') {
		return problemKey
	}
	s.space()
	value := span{start: s.at}
	if err := s.value(); err != nil {
		return err
	}
	value.end = s.at
	if fields == nil {
		return nil
	}
	return fields.add(key.of(s.text), value)
}

func (s *scanner) array() error {
	s.at++
	s.depth++
	if s.depth > maxDepth {
		return problemDepth
	}
	s.space()
	if s.next(']') {
		s.depth--
		return nil
	}
	for {
		if err := s.value(); err != nil {
			return err
		}
		s.space()
		if s.next(']') {
			s.depth--
			return nil
		}
		if !s.next(',') {
			return problemSeparator
		}
		s.space()
	}
}

// ordinary holds true for what stands for itself in a string.
var ordinary = func() (table [256]bool) {
	for c := ' '; c < 256; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

func (s *scanner) string() error {
	text, at := s.text, s.at+1
	for at < len(text) {
		c := text[at]
		if ordinary[c] {
			at++
			continue
		}
		if c == '"' {
			s.at = at + 1
			return nil
		}
		length := escapeLength(text[at:])
		if length == 0 {
			s.at = at
			return problemString
		}
		at += length
	}
	s.at = at
	return problemEnd
}

// escapeLength returns the length of the escape that text begins with, 0 if that is none.
func escapeLength(text []byte) int {
	if text[0] != '\\' || len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(text) >= 6 && isHex(text[2]) && isHex(text[3]) && isHex(text[4]) && isHex(text[5]) {
			return 6
		}
	}
	return 0
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (s *scanner) literal(word string) error {
	if len(s.text)-s.at < len(word) || string(s.text[s.at:s.at+len(word)]) != word {
		return problemValue
	}
	s.at += len(word)
	return nil
}

func (s *scanner) number() error {
	negative := s.next('-')
	switch {
	case s.next('0'):
	case s.digits():
	case negative:
		return problemNumber
	default:
		return problemValue
	}
	if s.next('.') && !s.digits() {
		return problemNumber
	}
	if s.next('e') || s.next('E') {
		if !s.next('+') {
			s.next('-')
		}
		if !s.digits() {
			return problemNumber
		}
	}
	return nil
}

// digits takes all digits that come next, and reports whether there were any.
func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.text) && isDigit(s.text[s.at]) {
		s.at++
	}
	return s.at > start
}
