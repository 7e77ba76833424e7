package program

// applicationBook holds the applications in the order in which they came. A position in it
// never changes, so a page can be continued where the one before ended, whatever happened since.
type applicationBook struct {
	inOrder  []*numberedApplication
	byID     map[string]*numberedApplication
	byEmail  map[emailKey]*numberedApplication
	byStatus map[Status]*seqSet
}

type numberedApplication struct {
	Application
	seq int
}

func newApplicationBook() applicationBook {
	book := applicationBook{
		byID:     map[string]*numberedApplication{},
		byEmail:  map[emailKey]*numberedApplication{},
		byStatus: map[Status]*seqSet{},
	}
	for _, status := range statuses() {
		book.byStatus[status] = &seqSet{}
	}
	return book
}

func (b *applicationBook) add(email emailKey, application *Application) {
	numbered := &numberedApplication{Application: *application, seq: len(b.inOrder)}
	b.inOrder = append(b.inOrder, numbered)
	b.byID[application.ID] = numbered
	b.byEmail[email] = numbered
	b.byStatus[application.Status].add(numbered.seq)
}

func (b *applicationBook) find(id string) (*numberedApplication, error) {
	found := b.byID[id]
	if found == nil {
		return nil, &NotFound{ErrorCodeApplicationNotFound, "No application of this app has this id"}
	}
	return found, nil
}

func (b *applicationBook) setStatus(application *numberedApplication, status Status) {
	b.byStatus[application.Status].remove(application.seq)
	b.byStatus[status].add(application.seq)
	application.Status = status
}

// An ApplicationQuery asks for one page of applications, newest first.
type ApplicationQuery struct {
	// Status, unless empty, leaves out applications of another status.
	Status Status
	// Limit is the length of the page.
	Limit int
	// Before is the Next of the page before; 0 asks for the first page.
	Before int
}

// An ApplicationPage is a part of the list of applications.
type ApplicationPage struct {
	Applications []Application
	// Next is where the next page starts, as [ApplicationQuery].Before; 0 after the last page.
	Next int
}

// Applications is one page of the applications. Its cost depends on the length of the page,
// and on nothing else. It fails with [Invalid] for a status that does not exist, and when no
// page can have ended at query.Before.
func (p *Program) Applications(query ApplicationQuery) (ApplicationPage, error) {
	if query.Status != "" {
		if err := invalid(StatusProblems(query.Status)); err != nil {
			return ApplicationPage{}, err
		}
	}

	p.mu.RLock()
	defer p.mu.RUnlock()

	book := &p.applications
	if query.Before < 0 || query.Before > len(book.inOrder) {
		return ApplicationPage{}, &Invalid{Problems: []string{"cursor must be one that an earlier page gave"}}
	}
	before := query.Before
	if before == 0 {
		before = len(book.inOrder)
	}
	page := ApplicationPage{Applications: make([]Application, 0, min(query.Limit, before))}
	for seq, ok := book.prev(query.Status, before-1); ok; seq, ok = book.prev(query.Status, seq-1) {
		if len(page.Applications) == query.Limit {
			page.Next = before
			break
		}
		page.Applications = append(page.Applications, book.inOrder[seq].Application)
		before = seq
	}
	return page, nil
}

// prev is the position of the newest application up to seq that has the status.
func (b *applicationBook) prev(status Status, seq int) (int, bool) {
	if status == "" {
		return seq, seq >= 0
	}
	return b.byStatus[status].prev(seq)
}
