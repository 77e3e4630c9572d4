package app

import "loket/app/activation"

type (
	// TakeIn is F6 on the stick's screen: take other counters' packets in.
	TakeIn struct{}
	// Fetch downloads, resumes or refreshes the chosen area; Drop wipes it.
	Fetch struct{}
	Drop  struct{}
	// Find opens the search in the roster (F6 there); with a query it searches,
	// for the reason that the officer typed.
	Find struct{ Query, Reason string }
)

func (TakeIn) intent() {}
func (Fetch) intent()  {}
func (Drop) intent()   {}
func (Find) intent()   {}

type (
	// AskElsewhere is F5 on the decide screen: ask a supervisor at another counter
	// to sign too, or withdraw that.
	AskElsewhere struct{}
	// LookAt opens what is selected on the supervisor's screen.
	LookAt struct{}
	// CancelItem takes a decided approval back by a packet of its own. PIN signs.
	CancelItem struct {
		Packet string
		Reason activation.Reason
		PIN    string
	}
	// EndDay is F6 on the tools' screen: ask whether to end the day, and then do.
	EndDay struct{}
)

func (EndDay) intent() {}

func (AskElsewhere) intent() {}
func (LookAt) intent()       {}
func (CancelItem) intent()   {}
