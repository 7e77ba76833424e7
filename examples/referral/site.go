package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// site is the website: a landing page, a sign-up and a checkout.
type site struct {
	program *program
	say     func(line string) // after a sign-up or a checkout

	mu       sync.Mutex
	sessions map[string]string // customers by the token of their cookie
}

func newSite(p *program, say func(line string)) http.Handler {
	s := &site{program: p, say: say, sessions: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.landing)
	mux.HandleFunc("GET /sign-up", s.signUpForm)
	mux.HandleFunc("POST /sign-up", s.signUp)
	mux.HandleFunc("GET /checkout", s.checkoutForm)
	mux.HandleFunc("POST /checkout", s.checkout)
	return http.NewCrossOriginProtection().Handler(mux)
}

func (s *site) landing(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=600") // which the capture replaces where it has to
	show(w, http.StatusOK, page{Title: "Containers for everyone", Text: "From $20 a month.", Link: "/sign-up", LinkText: "Sign up"})
}

func (s *site) signUpForm(w http.ResponseWriter, r *http.Request) {
	show(w, http.StatusOK, page{Title: "Sign up", Action: "/sign-up", Field: "email", Button: "Sign up"})
}

// signUp creates the customer, with the referral that the visitor came with. The customer is attributed from
// then on, so the cookie has done its work.
func (s *site) signUp(w http.ResponseWriter, r *http.Request) {
	referral := affiliates.ReferralFromRequest(r)
	customer, err := s.program.admin.Admin.Customers.Create(r.Context(), affiliates.CreateCustomerParams{
		Email:        r.FormValue("email"),
		ReferralCode: referral.Code,
		ClickID:      referral.ClickID,
	})
	switch {
	case errors.Is(err, stackbe.ErrInvalidArgument) || errors.Is(err, stackbe.ErrConflict):
		show(w, http.StatusUnprocessableEntity, page{Title: "Sign up", Text: "Please give an email address that is not in use.", Action: "/sign-up", Field: "email", Button: "Sign up"})
		return
	case err != nil:
		fail(w, r, err)
		return
	}
	affiliates.Forget(w)
	s.signIn(w, customer.ID)
	from := "nobody's link"
	if referral.Code != "" {
		from = "the link of " + referral.Code
	}
	s.say(fmt.Sprintf("%s signed up, by %s", customer.Email, from))
	http.Redirect(w, r, "/checkout", http.StatusSeeOther)
}

func (s *site) checkoutForm(w http.ResponseWriter, r *http.Request) {
	if s.customer(r) == "" {
		http.Redirect(w, r, "/sign-up", http.StatusSeeOther)
		return
	}
	show(w, http.StatusOK, page{Title: "Checkout", Text: "The plan Pro, $20 a month.", Action: "/checkout", Button: "Pay"})
}

// checkout begins the subscription. Its first payment, and each renewal, earns the partner a commission.
func (s *site) checkout(w http.ResponseWriter, r *http.Request) {
	customer := s.customer(r)
	if customer == "" {
		http.Redirect(w, r, "/sign-up", http.StatusSeeOther)
		return
	}
	subscription, err := s.program.admin.Admin.Subscriptions.Create(r.Context(), affiliates.CreateSubscriptionParams{
		CustomerID: customer,
		Plan:       affiliates.PlanPro,
	})
	if err != nil {
		fail(w, r, err)
		return
	}
	s.say(fmt.Sprintf("The customer pays for %s", subscription.Plan))
	show(w, http.StatusOK, page{Title: "Thank you", Text: "Your container is starting.", Link: "/", LinkText: "Back to the front page"})
}

const sessionCookie = "customer"

func (s *site) signIn(w http.ResponseWriter, customerID string) {
	token := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[token] = customerID
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// customer returns the customer who is signed in, or "".
func (s *site) customer(r *http.Request) string {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[cookie.Value]
}

// page is what a page shows: a text, a form with at most one field, a link.
type page struct {
	Title, Text, Action, Field, Button, Link, LinkText string
}

var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Title}}</title>
<h1>{{.Title}}</h1>
{{with .Text}}<p>{{.}}</p>{{end}}
{{with .Action}}<form method="post" action="{{.}}">
{{with $.Field}}<p><label>Email <input type="email" name="{{.}}" required></label></p>{{end}}
<p><button>{{$.Button}}</button></p>
</form>{{end}}
{{with .Link}}<p><a href="{{.}}">{{$.LinkText}}</a></p>{{end}}
</html>
`))

func show(w http.ResponseWriter, status int, p page) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = pageTemplate.Execute(w, p) // fails if the visitor has left
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "a page failed", "path", r.URL.Path, "error", err)
	http.Error(w, "Please try again later.", http.StatusInternalServerError)
}
