package app

import (
	"context"
	"errors"
)

// takeOutside answers while nobody is logged in.
func (d *Desk) takeOutside(i Intent) {
	switch i := i.(type) {
	case DeviceCode:
		d.do("enrolling", func(ctx context.Context) func() {
			err := d.ports.Officers.Enrol(ctx, i.Code)
			return func() {
				if err != nil {
					d.setup.Fault = "enrol-failed"
					if f, ok := errors.AsType[*Fault](err); ok {
						d.setup.Fault = f.Code
					}
					d.log(d.setup.Fault, err)
					return
				}
				again := d.setup.Again
				d.setup = Setup{}
				d.site = d.ports.Officers.Site()
				d.toLogIn()
				if again {
					d.ports.Line.Retry()
					d.say("enrolled-again", Good)
				}
			}
		})
	case Select:
		if d.logIn.Step == LogInPIN && i.Index >= 0 && i.Index < len(d.logIn.Officers) {
			d.logIn.Selected, d.logIn.TriesLeft, d.logIn.Paused = i.Index, 0, 0
		}
	case LogInAs:
		d.logInAs(i.Officer)
	case PIN:
		if d.logIn.Step == LogInPIN && d.logIn.Selected < len(d.logIn.Officers) {
			d.openWith(d.logIn.Officers[d.logIn.Selected].ID, i.PIN, d.arrive)
		}
	case Credentials:
		d.do("logging-in", func(ctx context.Context) func() {
			change, err := d.ports.Officers.First(ctx, i.Officer, i.Password)
			return func() {
				switch {
				case err != nil:
					d.fail("login-failed", err)
				case change:
					d.logIn.Step = LogInNewPassword
				default:
					d.logIn.Step = LogInNewPIN
				}
			}
		})
	case NewPassword:
		d.do("logging-in", func(ctx context.Context) func() {
			err := d.ports.Officers.NewPassword(ctx, i.Password)
			return func() {
				if err != nil {
					d.fail("password-failed", err)
					return
				}
				d.logIn.Step = LogInNewPIN
			}
		})
	case NewPIN:
		d.do("making-key", func(ctx context.Context) func() {
			o, err := d.ports.Officers.NewPIN(ctx, i.PIN)
			return func() {
				if err != nil {
					d.fail("pin-failed", err)
					return
				}
				d.arrive(o)
			}
		})
	case Open: // central no longer knows this PC: it is enrolled again, with what waits in it
		if i.Screen == ScreenSetup && d.ports.Line.Link().State == LinkRevoked {
			d.screen, d.setup = ScreenSetup, Setup{Again: true}
		}
	case Back:
		if d.screen == ScreenLogIn || d.setup.Again {
			d.setup = Setup{}
			d.toLogIn()
		}
	}
}

// toLogIn shows who can log in; at a new counter, the first log-in.
func (d *Desk) toLogIn() {
	d.screen, d.officer, d.locked = ScreenLogIn, nil, false
	d.logIn = LogIn{Step: LogInPIN}
	ctx, cancel := context.WithTimeout(d.ctx, diskLimit)
	defer cancel()
	list, err := d.ports.Officers.List(ctx)
	if err != nil {
		d.fail("ledger-failed", err)
	}
	d.logIn.Officers = list
	if len(list) == 0 {
		d.logIn.Step = LogInFirst
	}
	d.listDrafts()
	d.logIn.Resume = len(d.drafts) > 0
}

func (d *Desk) logInAs(officer string) {
	if officer == "" {
		d.logIn.Step = LogInFirst
		return
	}
	for n, o := range d.logIn.Officers {
		if o.ID == officer {
			d.logIn.Step, d.logIn.Selected, d.logIn.TriesLeft, d.logIn.Paused = LogInPIN, n, 0, 0
		}
	}
}

// openWith opens somebody's keys with a PIN.
func (d *Desk) openWith(officer, pin string, then func(Officer)) {
	d.do("opening-keys", func(ctx context.Context) func() {
		o, err := d.ports.Officers.LogIn(ctx, officer, pin)
		return func() {
			var wrong *PINFault
			if errors.As(err, &wrong) {
				d.logIn.TriesLeft, d.logIn.Paused = wrong.Left, wrong.Paused
				d.lock.TriesLeft, d.lock.Paused = wrong.Left, wrong.Paused
			}
			if err != nil {
				d.fail("login-failed", err)
				return
			}
			then(o)
		}
	})
}

// arrive begins the officer's work.
func (d *Desk) arrive(o Officer) {
	d.officer, d.logIn, d.lock = &o, LogIn{}, Lock{}
	d.screen, d.locked = ScreenHome, false
	d.touched = d.now()
	d.audit("log-in", o.ID)
	d.listDrafts()
	ctx, cancel := context.WithTimeout(d.ctx, diskLimit)
	defer cancel()
	if q, err := d.ports.Ledger.Queue(ctx); err == nil {
		d.today = q.Today
	}
	if len(d.drafts) > 0 {
		d.say("draft-offered", Info, len(d.drafts))
	}
}

// lockNow covers everything; a case stays, in memory and as its draft.
func (d *Desk) lockNow() {
	if d.officer == nil || d.locked {
		return
	}
	if d.c != nil {
		d.keep()
		clear(d.c.revealed)
		d.c.signed, d.c.others, d.c.pin = nil, nil, 0
		d.blank()
	}
	d.leaveScreens()
	d.locked, d.lock, d.notice = true, Lock{Case: d.c != nil}, nil
	d.audit("lock", d.officer.ID)
}

// takeLocked takes the officer's PIN, or lets somebody else log in: then the
// case waits as a draft.
func (d *Desk) takeLocked(i Intent) {
	switch i := i.(type) {
	case PIN:
		d.openWith(d.officer.ID, i.PIN, func(o Officer) {
			d.officer, d.locked, d.lock = &o, false, Lock{}
			d.touched = d.now()
		})
	case LogOut, LogInAs:
		d.logOut()
	}
}

// logOut ends the officer's session; a case waits as a draft.
func (d *Desk) logOut() {
	d.keep()
	d.wipe()
	d.audit("log-out", d.officer.ID)
	d.forgetReviews()
	d.leaveScreens()
	d.ports.Officers.LogOut()
	d.toLogIn()
}

// audit records what matters. A ledger that can't write is told at once: what
// can't be recorded must not go on unnoticed.
func (d *Desk) audit(kind, subject string) {
	ctx, cancel := context.WithTimeout(d.ctx, diskLimit)
	defer cancel()
	if err := d.ports.Ledger.Audit(ctx, kind, subject); err != nil {
		d.fail("ledger-failed", err)
	}
}
