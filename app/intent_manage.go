package app

import "loket/app/activation"

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
)

func (AskElsewhere) intent() {}
func (LookAt) intent()       {}
func (CancelItem) intent()   {}
