package main

import "bytes"

// recordDepth is how deep in a document the lists are whose elements are records.
const recordDepth = 4

// lines lays compact JSON out for a person to read: a line for each record, and for each field of what
// is not one. It costs a fraction of what json.Indent does.
func lines(compact []byte) []byte {
	out := make([]byte, 0, len(compact)+len(compact)/8)
	newLine := func(depth int) {
		out = append(out, '\n')
		for range depth {
			out = append(out, ' ', ' ')
		}
	}
	depth := 0
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			end := i + stringLength(compact[i:])
			out = append(out, compact[i:end]...)
			i = end - 1
		case '{', '[':
			out = append(out, c)
			depth++
			if depth <= recordDepth && !closes(compact[i+1]) {
				newLine(depth)
			}
		case '}', ']':
			depth--
			if depth < recordDepth && !opens(compact[i-1]) {
				newLine(depth)
			}
			out = append(out, c)
		case ',':
			out = append(out, c)
			if depth <= recordDepth {
				newLine(depth)
			} else {
				out = append(out, ' ')
			}
		case ':':
			out = append(out, c, ' ')
		default:
			out = append(out, c)
		}
	}
	return out
}

// stringLength is the length of the JSON string that a text begins with, with its quotes.
func stringLength(text []byte) int {
	for end := 1; ; end++ {
		end += bytes.IndexAny(text[end:], `\"`)
		if text[end] == '"' {
			return end + 1
		}
		end++ // past what is escaped
	}
}

func opens(c byte) bool { return c == '{' || c == '[' }

func closes(c byte) bool { return c == '}' || c == ']' }
