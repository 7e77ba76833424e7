package program

// An Event is a change that a program tells its listener of: [ApplicationApproved] or
// [ApplicationRejected].
type Event interface{ event() }

// ApplicationApproved is an application that made its applicant a partner.
type ApplicationApproved struct {
	Application Application
	Affiliate   Affiliate
}

// ApplicationRejected is an application that was turned down.
type ApplicationRejected struct {
	Application Application
}

func (ApplicationApproved) event() {}
func (ApplicationRejected) event() {}

// publish tells the listener of an event. The program stays locked meanwhile: so events come
// in the order of the changes, each before the call that caused it returns.
func (p *Program) publish(event Event) {
	if p.listener != nil {
		p.listener(event)
	}
}
