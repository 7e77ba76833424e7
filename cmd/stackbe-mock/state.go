package main

import (
	"fmt"
	"slices"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/demo"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// shown is what the program prints at its start: an app, and its oldest partner, if there is one.
type shown struct {
	refserver.App
	partner  program.PartnerView
	session  string
	webhooks []delivery.WebhookDocument
}

// fill gives the server its state: that of the file, or a new one. The caller closes the file, also
// after an error.
func fill(server *refserver.Server, o options) (s shown, file *dataFile, err error) {
	restored := false
	if o.data != "" {
		if file, restored, err = load(server, &o); err != nil {
			return s, file, err
		}
	}
	if !restored {
		if s.App, err = begin(server, o); err != nil {
			return s, file, err
		}
	} else if s.App, err = choose(server, o); err != nil {
		return s, file, err
	}
	if err := s.describe(server, o); err != nil {
		return s, file, err
	}
	return s, file, nil
}

// load restores the state of the file; restored is false if there is no file yet. The flags of
// credentials and of the webhook change what the file has.
func load(server *refserver.Server, o *options) (file *dataFile, restored bool, err error) {
	file, document, exists, err := openData(o.data)
	if err != nil {
		return nil, false, fmt.Errorf("-data: %w", err)
	}
	if !exists {
		return file, false, nil
	}
	if err := o.override(&document); err != nil {
		return file, false, err
	}
	if err := server.Restore(document); err != nil {
		return file, false, fmt.Errorf("-data: %s: %w", o.data, err)
	}
	return file, true, nil
}

// override changes the app of a document as the flags say that are on the command line.
func (o options) override(document *refserver.Document) error {
	if len(document.Apps) == 0 {
		document.Apps = []refserver.AppDocument{{ID: o.app.ID, APIKey: o.app.APIKey, AdminToken: o.app.AdminToken}}
		return nil
	}
	at := 0
	if o.given["app-id"] {
		at = slices.IndexFunc(document.Apps, func(app refserver.AppDocument) bool { return app.ID == o.app.ID })
		if at < 0 {
			return fmt.Errorf("-app-id: the file of -data has no app %q", o.app.ID)
		}
	}
	app := &document.Apps[at]
	if o.given["api-key"] {
		app.APIKey = o.app.APIKey
	}
	if o.given["admin-token"] {
		app.AdminToken = o.app.AdminToken
	}
	for i, webhook := range document.Webhooks {
		if webhook.AppID == app.ID && webhook.URL == o.webhook.URL && o.given["webhook-secret"] {
			document.Webhooks[i].Secrets = []delivery.SecretDocument{{Secret: o.webhook.Secret}}
		}
	}
	return nil
}

// choose is the app of a restored state that is printed.
func choose(server *refserver.Server, o options) (refserver.App, error) {
	if o.given["app-id"] {
		return server.App(o.app.ID), nil
	}
	return server.Apps()[0], nil
}

const (
	firstEmail = "demo@example.com"
	firstCode  = "DEMO20"
)

// begin makes the app, and a partner in it, or the whole program of the demo.
func begin(server *refserver.Server, o options) (refserver.App, error) {
	app, err := server.AddApp(o.app)
	if err != nil {
		return app, err
	}
	if o.demo {
		_, err := demo.Play(server, app.ID)
		return app, err
	}
	application, err := app.Program.Apply(program.ApplicationParams{Email: firstEmail, Name: "Demo Partner"})
	if err != nil {
		return app, err
	}
	_, err = app.Program.Approve(application.ID, firstCode)
	return app, err
}

// describe adds the webhook, after the start, whose events no receiver expects, and signs the oldest
// partner in.
func (s *shown) describe(server *refserver.Server, o options) error {
	if err := addWebhook(server, s.ID, o.webhook); err != nil {
		return err
	}
	state := server.Snapshot()
	at := slices.IndexFunc(state.Apps, func(app refserver.AppDocument) bool { return app.ID == s.ID })
	for _, webhook := range state.Webhooks {
		if webhook.AppID == s.ID && !webhook.Disabled {
			s.webhooks = append(s.webhooks, webhook)
		}
	}
	partners := state.Apps[at].Partners
	if len(partners) == 0 {
		return nil
	}
	var err error
	if s.partner, err = s.Program.Partner(partners[0].ID); err != nil {
		return err
	}
	s.session, err = server.SessionToken(s.ID, s.partner.CustomerID)
	return err
}

// addWebhook adds an endpoint, unless the state has it already.
func addWebhook(server *refserver.Server, appID string, params delivery.EndpointParams) error {
	if params.URL == "" {
		return nil
	}
	for _, webhook := range server.Snapshot().Webhooks {
		if webhook.AppID == appID && webhook.URL == params.URL {
			return server.Webhooks.EnableEndpoint(webhook.ID)
		}
	}
	_, err := server.Webhooks.AddEndpoint(appID, params)
	return err
}
