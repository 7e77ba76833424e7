package page

import "html/template"

// icons are pictures of 24 by 24, drawn in lines.
var icons = map[string]string{
	"home":     `<path d="M4 11 12 4l8 7v9h-5v-6H9v6H4z"/>`,
	"users":    `<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c0-4 3-6 6.500-6s6.500 2 6.500 6M16 4.800a3.500 3.500 0 0 1 0 6.400M18 14.500c2.300.8 3.500 2.700 3.500 5.500"/>`,
	"invoice":  `<path d="M6 3h12v18l-3-2-3 2-3-2-3 2zM9.500 8h5M9.500 12h5"/>`,
	"percent":  `<path d="M5 19 19 5"/><circle cx="7" cy="7" r="2.500"/><circle cx="17" cy="17" r="2.500"/>`,
	"wallet":   `<path d="M4 7.500A2.500 2.500 0 0 1 6.500 5H18v3M4 7.500V18a2 2 0 0 0 2 2h14V8H6.500M16.500 14h.1"/>`,
	"person":   `<circle cx="12" cy="8" r="4"/><path d="M4.500 20.500c0-4.500 3.300-6.500 7.500-6.500s7.500 2 7.500 6.500"/>`,
	"code":     `<path d="m8 7-5 5 5 5M16 7l5 5-5 5M13.500 5l-3 14"/>`,
	"deal":     `<path d="M4 12.500 11.500 4H20v8.500L12 20z"/><path d="M16 8h.1"/>`,
	"list":     `<path d="M9 6h11M9 12h11M9 18h11M4 6h.1M4 12h.1M4 18h.1"/>`,
	"inbox":    `<path d="M4 13 6.500 5h11L20 13v6H4zM4 13h5l1 2.500h4l1-2.500h5"/>`,
	"settings": `<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.500"/><circle cx="8" cy="17" r="2.500"/>`,
	"send":     `<path d="M20 4 3.500 10.500l7 3 3 7z"/><path d="m20 4-9.500 9.500"/>`,
	"log":      `<path d="M4 5h16v14H4zM7.500 9.500 10 12l-2.500 2.500M12.500 15h4"/>`,
	"check":    `<circle cx="12" cy="12" r="9"/><path d="m8 12.500 2.700 2.500L16 9.500"/>`,
	"alert":    `<circle cx="12" cy="12" r="9"/><path d="M12 7.500v5.500M12 16.500h.1"/>`,
	"plus":     `<path d="M12 5v14M5 12h14"/>`,
	"link":     `<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700L12 17"/>`,
	"download": `<path d="M12 4v11M7.500 11l4.500 4.500L16.500 11M5 20h14"/>`,
	"key":      `<circle cx="8" cy="15" r="4"/><path d="m11 12 9-9M16 7l3 3"/>`,
	"chart":    `<path d="M4 20h16M7 16v-5M12 16V6M17 16V9"/>`,
	"clock":    `<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>`,
	"refresh":  `<path d="M19.500 12A7.500 7.500 0 1 1 17 6.500L19.500 9M19.500 4v5h-5"/>`,
}

// icon is a picture that says nothing that the text beside it does not.
func icon(name string) template.HTML {
	drawing, known := icons[name]
	if !known {
		panic("page: there is no icon " + name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">` + drawing + `</svg>`)
}
