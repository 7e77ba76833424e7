package api

import (
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

const usersPath = "/v1/affiliate/account/users"

func userRoutes() []route {
	const user = usersPath + "/{userID}"
	return []route{
		{http.MethodGet, usersPath, directory.Session, []string{"filter", "limit", "cursor"}, http.StatusOK, listUsers},
		{http.MethodGet, user, directory.Session, nil, http.StatusOK, getUser},
		{http.MethodPost, usersPath, directory.Session, nil, http.StatusCreated, createSubAccount},
		{http.MethodPost, usersPath + "/link", directory.Session, nil, http.StatusCreated, linkUser},
		{http.MethodGet, user + "/subscriptions", directory.Session, []string{"limit", "cursor"}, http.StatusOK, listUserSubscriptions},
		{http.MethodPost, user + "/access", directory.Session, nil, http.StatusCreated, requestAccess},
		{http.MethodPost, user + "/login", directory.Session, nil, http.StatusCreated, logInAs},
	}
}

type userBody struct {
	ID            string               `json:"id"`
	Email         string               `json:"email"`
	Name          string               `json:"name,omitempty"`
	Source        program.Source       `json:"source"`
	CreatedAt     time.Time            `json:"createdAt"`
	AttributedAt  time.Time            `json:"attributedAt"`
	Access        program.AccessStatus `json:"access"`
	Subscriptions planCountsBody       `json:"subscriptions"`
	LimitExceeded int                  `json:"limitExceeded"`
	Errors        int                  `json:"errors"`
	MonthlyValue  program.Cents        `json:"monthlyValue"`
	Earned        program.Cents        `json:"earned"`
}

func toUserBody(user program.User) userBody {
	return userBody{
		ID:            user.ID,
		Email:         user.Email,
		Name:          user.Name,
		Source:        user.Source,
		CreatedAt:     user.CreatedAt,
		AttributedAt:  user.AttributedAt,
		Access:        user.Access,
		Subscriptions: planCountsBody(user.Subscriptions),
		LimitExceeded: user.LimitExceeded,
		Errors:        user.Errors,
		MonthlyValue:  user.MonthlyValue,
		Earned:        user.Earned,
	}
}

func listUsers(c *call) (any, error) {
	read := c.listQuery()
	query := program.UserQuery{Having: program.SubscriptionStatus(read.text("filter")), PageQuery: read.page()}
	if err := read.check(query.Problems()); err != nil {
		return nil, err
	}
	page, err := c.app.Users(c.credential.CustomerID, query)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toUserBody), nil
}

func getUser(c *call) (any, error) {
	user, err := c.app.User(c.credential.CustomerID, c.request.PathValue("userID"))
	if err != nil {
		return nil, err
	}
	return toUserBody(user), nil
}

func createSubAccount(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	params := program.SubAccountParams{Email: body.text("email"), Name: body.text("name")}
	if err := body.check(params.Problems()); err != nil {
		return nil, err
	}
	user, err := c.app.CreateSubAccount(c.credential.CustomerID, params)
	if err != nil {
		return nil, err
	}
	return toUserBody(user), nil
}

func linkUser(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	email := body.text("email")
	if err := body.check(program.LinkProblems(email)); err != nil {
		return nil, err
	}
	user, err := c.app.LinkUser(c.credential.CustomerID, email)
	if err != nil {
		return nil, err
	}
	return toUserBody(user), nil
}

func requestAccess(c *call) (any, error) {
	if err := c.noFields(); err != nil {
		return nil, err
	}
	access, err := c.app.RequestAccess(c.credential.CustomerID, c.request.PathValue("userID"))
	if err != nil {
		return nil, err
	}
	return toAccessBody(access), nil
}

func logInAs(c *call) (any, error) {
	if err := c.noFields(); err != nil {
		return nil, err
	}
	link, err := c.app.LogInAs(c.credential.CustomerID, c.request.PathValue("userID"))
	if err != nil {
		return nil, err
	}
	return c.portalLinkBody(link), nil
}
