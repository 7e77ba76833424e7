package api

import (
	"net/http"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func customerRoutes() []route {
	const (
		path     = "/v1/apps/{appID}/customers"
		customer = path + "/{customerID}"
	)
	return []route{
		{http.MethodGet, path, directory.Admin, []string{"limit", "cursor"}, http.StatusOK, listCustomers},
		{http.MethodPost, path, directory.Admin, nil, http.StatusCreated, createCustomer},
		{http.MethodGet, customer, directory.Admin, nil, http.StatusOK, getCustomer},
		{http.MethodPatch, customer, directory.Admin, nil, http.StatusOK, updateCustomer},
		{http.MethodPost, customer + "/sessions", directory.Admin, nil, http.StatusCreated, createSession},
	}
}

type customerBody struct {
	ID          string    `json:"id"`
	Email       string    `json:"email"`
	Name        string    `json:"name,omitempty"`
	AffiliateID string    `json:"affiliateId,omitempty"`
	CreatedAt   time.Time `json:"createdAt"`
}

func toCustomerBody(customer program.Customer) customerBody { return customerBody(customer) }

func listCustomers(c *call) (any, error) {
	read := c.listQuery()
	asked := read.page()
	if err := read.check(nil); err != nil {
		return nil, err
	}
	page, err := c.app.Customers(asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toCustomerBody), nil
}

func createCustomer(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	params := program.CustomerParams{
		Email:        body.text("email"),
		Name:         body.text("name"),
		ReferralCode: body.text("referralCode"),
		ClickID:      body.text("clickId"),
	}
	if err := body.check(params.Problems()); err != nil {
		return nil, err
	}
	customer, err := c.app.CreateCustomer(params)
	if err != nil {
		return nil, err
	}
	return toCustomerBody(customer), nil
}

func getCustomer(c *call) (any, error) {
	customer, err := c.app.Customer(c.request.PathValue("customerID"))
	if err != nil {
		return nil, err
	}
	return toCustomerBody(customer), nil
}

func updateCustomer(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	name := body.text("name")
	if err := body.check(program.CustomerNameProblems(name)); err != nil {
		return nil, err
	}
	customer, err := c.app.RenameCustomer(c.request.PathValue("customerID"), name)
	if err != nil {
		return nil, err
	}
	return toCustomerBody(customer), nil
}

type sessionBody struct {
	CustomerID   string    `json:"customerId"`
	SessionToken string    `json:"sessionToken"`
	ExpiresAt    time.Time `json:"expiresAt"`
}

func createSession(c *call) (any, error) {
	if err := c.noFields(); err != nil {
		return nil, err
	}
	session, err := c.app.SignIn(c.request.PathValue("customerID"))
	if err != nil {
		return nil, err
	}
	return sessionBody{CustomerID: session.CustomerID, SessionToken: session.Token, ExpiresAt: session.ExpiresAt}, nil
}
