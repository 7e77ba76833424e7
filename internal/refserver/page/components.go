package page

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A Link leads to a page. Current marks the one among several that is shown.
type Link struct {
	Href, Text string
	Current    bool
}

// An Action is a link that looks like a button.
type Action struct {
	Href, Text, Icon  string
	Primary, Download bool
}

// Pills are links to the filters of a list.
type Pills struct {
	Label string
	Links []Link
}

// A Tile is a number with its name.
type Tile struct {
	Label, Value, Note string
	Href               string // may be empty
	Lead               bool   // the most important one of a page
}

// A Badge is a state. Its text says what its color says.
type Badge struct {
	Text string
	Tone Tone
}

// Tone is the color and the mark of a [Badge].
type Tone string

// The tones. The zero value is neutral.
const (
	Good Tone = "good"
	Wait Tone = "wait"
	Bad  Tone = "bad"
	Note Tone = "note"
)

// Empty is what is shown in place of a list without rows: what to do next.
type Empty struct {
	Icon, Title, Text string
	Actions           []Action
}

// A Pager leads to the other pages of a list.
type Pager struct {
	Shown       int    // rows on this page
	First, Next string // empty if there is none
}

// A Copy is a text that can be copied. ID is unique on its page.
type Copy struct{ ID, Label, Value, Hint string }

// A Field is a field of a form, with the text that was entered and its problems. ID is unique on its
// page.
type Field struct {
	ID, Name, Label    string
	Type               string // of an input, or "textarea"; ignored if there are options
	Value, Hint        string
	Autocomplete       string
	InputMode          string
	Required, Optional bool
	Options            []Option
	Problems           []string
}

// An Option is one of the values of a [Field].
type Option struct{ Value, Text string }

// Describes are the ids of the texts that describe the field.
func (f Field) Describes() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	for i := range f.Problems {
		ids = append(ids, f.ProblemID(i))
	}
	return strings.Join(ids, " ")
}

// ProblemID is the id of the text of one of the problems.
func (f Field) ProblemID(i int) string {
	if i == 0 {
		return f.ID + "-problem"
	}
	return f.ID + "-problem-" + strconv.Itoa(i+1)
}

// FieldProblems are the texts of the problems of one field, as sentences.
func FieldProblems(problems []program.Problem, field string) []string {
	var texts []string
	for _, problem := range problems {
		if problem.Field == field {
			texts = append(texts, Sentence(problem.Text))
		}
	}
	return texts
}

// Sentence is a text with a capital letter and a full stop, for a message of the program.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// componentFunctions are what every template can call.
func componentFunctions() template.FuncMap {
	return template.FuncMap{
		"asset":   assetPath,
		"icon":    icon,
		"money":   Money,
		"percent": Percent,
		"utc":     UTC,
		"date":    Date,
		"rfc3339": func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"badge":   func(text string, tone Tone) Badge { return Badge{text, tone} },
		"copy":    func(id, label, value, hint string) Copy { return Copy{id, label, value, hint} },
	}
}
