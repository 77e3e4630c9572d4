package central_test

import (
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"loket/sync/wire"
)

// cancelOf takes an approval back.
func cancelOf(w wire.Decision) wire.Decision {
	of := w.Packet
	return wire.Decision{Packet: wire.NewPacketID(), Session: w.Session, Kind: "cancel", At: w.At, Zone: w.Zone, Office: w.Office,
		Counter: w.Counter, Device: w.Device, Officer: w.Officer, Registration: w.Registration, NIK: w.NIK, Cancels: &of}
}

// TestCancelledApprovalIsMailed: a citizen who was mailed a code is told, by the
// mail server, that it works no more.
func TestCancelledApprovalIsMailed(t *testing.T) {
	d := newDesk(t)
	p := d.phone(t, nik)
	w := d.counter.Approval(p)
	d.counter.Send(d.counter.Seal(w, nil))
	first := d.AwaitMail(0)
	mailed := d.awaitEvent(t, 0) // the code's mail has left, and the counter knows
	d.counter.Send(d.counter.Seal(cancelOf(w), nil))
	told := d.AwaitMail(1)
	if told.To != "sri@contoh.id" || told.Subject != "Persetujuan IKD Anda dibatalkan / Your IKD approval was withdrawn" || told.MessageID == first.MessageID {
		t.Errorf("mail %+v", told)
	}
	for _, want := range []string{"membatalkan persetujuan", "tidak berlaku lagi", "Datang lagi ke loket", "IKD gratis", "no longer works"} {
		if !strings.Contains(told.Text, want) {
			t.Errorf("mail does not say %q:\n%s", want, told.Text)
		}
	}
	for _, never := range []string{"SRI", nik, nik[12:], first.Code(), w.Registration, d.counter.ID} {
		if strings.Contains(told.Text+told.Subject, never) {
			t.Errorf("mail says %q", never)
		}
	}
	if err := p.Activate(first.Code()); code(err) != wire.CodeActivationEnded {
		t.Errorf("the mailed code after the cancel: %v", err)
	}
	if e := d.awaitEvent(t, mailed.Cursor); e.State != wire.StateCancelled {
		t.Errorf("event %+v", e)
	}

	// Taken back twice is told once.
	d.counter.Send(d.counter.Seal(cancelOf(w), nil))
	if n := d.Rows().Tables["mail"]; n != 2 {
		t.Errorf("%d mails, want the code's and one that takes it back", n)
	}
	subject, err := d.Home.ExportSubject(t.Context(), nik, "admin")
	if err != nil {
		t.Fatal(err)
	}
	if m := subject.Registrations[0].Mail; len(m) != 2 || m[0].Kind != "code" || m[1].Kind != "cancelled" {
		t.Errorf("mails in the access request: %+v", m)
	}
}

// TestCodeThatHasNotLeft: cancelled while the mail server puts the code off, the
// code is never mailed. Control: without the cancel it is.
func TestCodeThatHasNotLeft(t *testing.T) {
	for name, cancelled := range map[string]bool{"cancelled": true, "control: not cancelled": false} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			tried, answer := make(chan struct{}), make(chan struct{})
			first := true
			d.Mail.Refuse(func(string) error { // one connection at a time asks
				if !first {
					return nil
				}
				first = false
				close(tried)
				<-answer
				return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
			})
			p := d.phone(t, nik)
			w := d.counter.Approval(p)
			d.counter.Send(d.counter.Seal(w, nil))
			<-tried
			if cancelled {
				d.counter.Send(d.counter.Seal(cancelOf(w), nil))
			}
			close(answer)
			mail := d.AwaitMail(0)
			if got := mail.Code() == ""; got != cancelled {
				t.Errorf("the first mail that left: %q", mail.Subject)
			}
			if cancelled { // the code's own mail ends
				d.awaitRows(t, func(states map[string]int) bool { return states["void"] == 1 && states["sent"] == 1 })
			}
		})
	}
}

// TestCancelMailBounces: the address refuses the mail that takes an approval
// back; the approval stays cancelled.
func TestCancelMailBounces(t *testing.T) {
	d := newDesk(t)
	p := d.phone(t, nik)
	w := d.counter.Approval(p)
	d.counter.Send(d.counter.Seal(w, nil))
	d.AwaitMail(0)
	d.Mail.Refuse(func(string) error {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	})
	d.counter.Send(d.counter.Seal(cancelOf(w), nil))
	d.awaitRows(t, func(states map[string]int) bool { return states["bounced"] == 1 })
	if p.State() != wire.ProgressCancelled {
		t.Errorf("state %s", p.State())
	}
	if got := d.Rows().States["packets"]; got[string(wire.StateCancelled)] != 1 || got[string(wire.StateBounced)] != 0 {
		t.Errorf("packets %v", got)
	}
}
