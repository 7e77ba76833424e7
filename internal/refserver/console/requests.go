package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// requestRow is a request in the list.
type requestRow struct {
	Href, Method, Path, ID string
	Time                   time.Time
	Badge                  page.Badge
	Duration               string
	Fault                  string
}

func newRequestRow(request requests.Request) requestRow {
	return requestRow{
		Href:     at(requestsPath, strconv.Itoa(request.Sequence)),
		Method:   request.Method,
		Path:     request.Path,
		ID:       request.ID,
		Time:     request.Time,
		Badge:    statusBadge(request.Status),
		Duration: milliseconds(time.Duration(request.Duration)),
		Fault:    request.Fault,
	}
}

// statusBadge is the status of a response.
func statusBadge(status int) page.Badge {
	switch {
	case status == 0:
		return page.Badge{Text: "No response", Tone: page.Bad}
	case status >= http.StatusInternalServerError:
		return page.Badge{Text: statusText(status), Tone: page.Bad}
	case status >= http.StatusBadRequest:
		return page.Badge{Text: statusText(status), Tone: page.Wait}
	default:
		return page.Badge{Text: statusText(status), Tone: page.Good}
	}
}

func statusText(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// requestList is a page of requests.
type requestList struct {
	Rows  []requestRow
	Pager page.Pager
	Empty page.Empty
}

// requestFilter leaves out the requests of other apps, and those of the console itself. A request that
// came with no app's credential may be about any app, and is shown only if there is no other.
func (v *visit) requestFilter() requests.Filter {
	apps := 0
	for range v.console.config.Directory.Apps() {
		apps++
	}
	return requests.Filter{AppID: v.appID, Unattributed: apps == 1, Without: []string{"console", "assets"}}
}

func listRequests(v *visit) {
	asked, ok := v.page(requestsPath)
	if !ok {
		return
	}
	found, next := v.console.config.Requests().Page(v.requestFilter(), asked.Limit, asked.Before)
	list := requestList{
		Pager: page.NewPager(v.r, len(found), next),
		Empty: page.Empty{Icon: "log", Title: "No request yet", Text: "Send one with the app’s API key, such as GET /v1/affiliate/apply/status?email=jane@example.com. GET /openapi.yaml describes all of them."},
	}
	for _, request := range found {
		list.Rows = append(list.Rows, newRequestRow(request))
	}
	v.render(http.StatusOK, "requests", requestsPath, page.View{
		Title:   "Requests",
		Lead:    "What came to the API with a credential of this app, and how the server responded. Credentials are redacted, and the newest 1,000 requests to the server are kept.",
		Content: list,
	})
}

// requestView is a request with its response.
type requestView struct {
	requestRow
	Request, Response       string
	RequestCut, ResponseCut bool
}

func showRequest(v *visit) {
	sequence, err := strconv.Atoi(v.r.PathValue("sequence"))
	found, known := v.console.config.Requests().Find(v.requestFilter(), sequence)
	if err != nil || !known {
		v.problem(requestsPath, page.Problem{
			Status:  http.StatusNotFound,
			Title:   "There is no such request",
			Text:    "It is not one of this app, or 1,000 requests came since.",
			Actions: []page.Action{{Href: requestsPath, Text: "Show the requests"}},
		})
		return
	}
	shown := requestView{
		requestRow:  newRequestRow(found),
		Request:     found.Method + " " + target(found) + " HTTP/1.1\n" + fields(found.Header) + "\n" + found.Body,
		RequestCut:  found.BodySize > requests.MaxBody,
		ResponseCut: found.ResponseBodySize > requests.MaxBody,
	}
	if found.Status != 0 {
		shown.Response = "HTTP/1.1 " + statusText(found.Status) + "\n" + fields(found.ResponseHeader) + "\n" + found.ResponseBody
	}
	v.render(http.StatusOK, "request", requestsPath, page.View{
		Title:   found.Method + " " + found.Path,
		Back:    &page.Link{Href: requestsPath, Text: "Requests"},
		Content: shown,
	})
}

// target is the path and the query, as a person reads them.
func target(request requests.Request) string {
	if request.Query == "" {
		return request.Path
	}
	return request.Path + "?" + request.Query
}
