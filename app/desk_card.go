package app

import "loket/app/activation"

// card is the code of a bare card that was read in this case; nil for none.
func (c *current) card() *activation.Code {
	if c.s.Code == nil || c.s.Code.Card == nil {
		return nil
	}
	return c.s.Code
}

// carded shows a card that was read. It names no registration, so the scan goes
// on: until the citizen's own code comes, or the registration's is typed.
func (d *Desk) carded() {
	c := d.c
	c.cardPhoto = pictureOf(c.s.Code.Card.Photo)
	c.scan.Checks, c.scan.Slips = nil, nil
	d.keep()
	d.audit("card-read", c.s.ID)
}

// withCard is a registration that was typed beside a card: what the card's
// checks said stands with it, in the record too.
func withCard(found activation.Code, card *activation.Code) activation.Code {
	if card == nil {
		return found
	}
	checks := append([]activation.Check(nil), card.Checks...)
	for _, x := range found.Checks {
		if !hasCheck(checks, x.Name) {
			checks = append(checks, x)
		}
	}
	found.Kind, found.Card, found.Checks, found.Proof = card.Kind, card.Card, checks, false
	return found
}

func hasCheck(checks []activation.Check, name string) bool {
	for _, x := range checks {
		if x.Name == name {
			return true
		}
	}
	return false
}

// viewCard shows the card on the scan screen, with its checks.
func (d *Desk) viewCard(v *Scan) {
	code := d.c.card()
	if code == nil {
		return
	}
	v.Card, v.CardChecks, v.Photo = code.Card, d.c.checks(), photoOf(d.c.cardPhoto)
}
