package api

import "github.com/stackbe/stackbe-go/internal/refserver/program"

type reviewBody struct {
	Application applicationBody `json:"application"`
	Affiliate   *affiliateBody  `json:"affiliate,omitempty"`
}

func review(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	reviewed, err := reviewAs(c, body)
	if err != nil {
		return nil, err
	}
	result := reviewBody{Application: toApplicationBody(reviewed.Application)}
	if reviewed.Affiliate != nil {
		affiliate := toAffiliateBody(*reviewed.Affiliate)
		result.Affiliate = &affiliate
	}
	return result, nil
}

// reviewAs reads the fields of the action. A field of the other action is unknown.
func reviewAs(c *call, body *fields) (program.Review, error) {
	applicationID := c.request.PathValue("applicationID")
	switch body.text("action") {
	case "approve":
		code := body.text("code")
		if err := body.check(program.ApprovalProblems(code)); err != nil {
			return program.Review{}, err
		}
		return c.app.Approve(applicationID, code)
	case "reject":
		reason := body.text("rejectionReason")
		if err := body.check(program.RejectionProblems(reason)); err != nil {
			return program.Review{}, err
		}
		return c.app.Reject(applicationID, reason)
	default:
		problems := append(program.ApprovalProblems(body.text("code")), program.RejectionProblems(body.text("rejectionReason"))...)
		return program.Review{}, body.check(append(problems, program.Problem{Field: "action", Text: "must be one of the following values: approve, reject"}))
	}
}
