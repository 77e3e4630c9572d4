package main

import "context"

// An arrival is a citizen on the way: the phone is switched on and registers,
// and the face is drawn, while the one before is still at the counter.
type arrival struct {
	phone *phone
	err   error
	ready chan struct{}
}

// expect has a citizen come.
func (r *run) expect(ctx context.Context, c citizen) *arrival {
	a := &arrival{ready: make(chan struct{})}
	go func() {
		defer close(a.ready)
		face := facing(c.Person)
		if a.phone, a.err = r.openPhone(ctx, c, r.browser); a.err == nil {
			a.phone.sitter = face
		}
	}()
	return a
}

// come has the next citizen come, if there is one.
func (r *run) come(ctx context.Context) {
	if r.after != nil && r.next == nil {
		r.next = r.expect(ctx, *r.after)
	}
}

// here is who was expected, else whoever comes now.
func (r *run) here(ctx context.Context, c citizen) (*phone, error) {
	a := r.next
	if r.next = nil; a == nil {
		a = r.expect(ctx, c)
	}
	<-a.ready
	return a.phone, a.err
}

// leave switches the phone of somebody off who was expected and not served.
func (r *run) leave() error {
	if r.next == nil {
		return nil
	}
	p, err := r.here(context.Background(), citizen{})
	if err != nil {
		return nil // the demo has ended; that the phone did not start is no matter
	}
	return p.Stop()
}
