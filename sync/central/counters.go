package central

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strconv"

	"loket/sync/wire"
)

// counterMux is the listener for counters: everything but enrolment is for
// enrolled devices.
func (s *Server) counterMux() *mux {
	m := &mux{}
	s.common(m)
	m.handle("POST", wire.PathDevices, call(s, s.enrolDevice))
	m.handle("POST", wire.PathRenew, call(s, s.renewDevice))
	m.handle("POST", wire.PathSessions, atDevice(s, s.openSession))
	m.handle("POST", wire.PathPassword, withSession(s, true, func(ctx context.Context, p session, in wire.PasswordRequest) (wire.SessionResponse, error) {
		defer s.takeTurn()()
		return s.changePassword(ctx, p, in.Old, in.New)
	}))
	m.handle("POST", wire.PathCertificates, withSession(s, false, func(ctx context.Context, p session, in wire.CertificateRequest) (wire.CertificateResponse, error) {
		key, _, err := parseKey(in.Key)
		if err != nil {
			return wire.CertificateResponse{}, fault(wire.CodeBadRequest)
		}
		return s.certifyOfficer(ctx, p, key)
	}))
	m.handle("POST", wire.PathRecords, withSession(s, false, s.presented))
	m.handle("POST", wire.PathLookup, withSession(s, false, s.lookup))
	m.handle("GET", wire.PathRoster, withQuery(s, func(r *http.Request, p session) (wire.RosterResponse, error) {
		return s.roster(r.Context(), p, r.URL.Query().Get("area"), r.URL.Query().Get("after"))
	}))
	m.handle("GET", wire.PathAreas, withAreas(s))
	m.handle("GET", wire.PathEvents, withQuery(s, func(r *http.Request, p session) (wire.EventsResponse, error) {
		after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
		if err != nil || after < 0 {
			return wire.EventsResponse{}, fault(wire.CodeBadRequest)
		}
		return s.events(r.Context(), p.Device, after)
	}))
	m.handle("POST", wire.PathSeconds, withSession(s, false, s.askSecond))
	m.handle("GET", wire.PathSecondState, withQuery(s, func(r *http.Request, p session) (wire.SecondState, error) {
		return s.secondState(r.Context(), p, r.URL.Query().Get("packet"))
	}))
	m.handle("POST", wire.PathSecondWithdraw, withSession(s, false, s.withdrawSecond))
	m.handle("GET", wire.PathReviews, withSupervisor(s, s.reviews))
	m.handle("POST", wire.PathReviewLook, withSupervisor(s, s.look))
	m.handle("POST", wire.PathSecondAnswer, withSupervisor(s, s.answerSecond))
	m.handle("POST", wire.PathHeldSettle, withSupervisor(s, s.settleHeld))
	m.handle("GET", wire.PathPolicy, atDevice(s, func(ctx context.Context, _ device, _ none) (wire.Signed, error) {
		msg, err := s.policyMessage(ctx)
		return wire.Signed{Message: msg}, err
	}))
	m.handle("POST", wire.PathPackets, atDevice(s, s.packets))
	m.handle("POST", wire.PathHeads, atDevice(s, s.takeHead))
	m.handle("GET", wire.PathHeads, atDevice(s, s.heldHead))
	m.handle("POST", wire.PathSeen, atDevice(s, s.seen))
	return m
}

// atDevice is call for an enrolled device.
func atDevice[In, Out any](s *Server, f func(context.Context, device, In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			s.answer(w, r, nil, fault(wire.CodeRevoked))
			return
		}
		d, err := s.peer(r.Context(), r.TLS.PeerCertificates)
		if err != nil {
			s.answer(w, r, nil, err)
			return
		}
		call(s, func(ctx context.Context, in In) (Out, error) { return f(ctx, d, in) }).ServeHTTP(w, r)
	})
}

// withSession is atDevice for an officer who is logged in there. first says
// that a session which must change its password serves too.
func withSession[In, Out any](s *Server, first bool, f func(context.Context, session, In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := bearer(r)
		atDevice(s, func(ctx context.Context, d device, in In) (Out, error) {
			p, err := s.session(ctx, d.ID, token)
			if err == nil && p.MustChange && !first {
				err = fault(wire.CodeMustChange)
			}
			if err != nil {
				var out Out
				return out, err
			}
			return f(ctx, p, in)
		}).ServeHTTP(w, r)
	})
}

// withQuery is withSession for a GET whose question stands in its address.
func withQuery[Out any](s *Server, f func(*http.Request, session) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		withSession(s, false, func(_ context.Context, p session, _ none) (Out, error) { return f(r, p) }).ServeHTTP(w, r)
	})
}

// openSession logs in with a password, or with the officer's certified key.
func (s *Server) openSession(ctx context.Context, d device, in wire.SessionRequest) (wire.SessionResponse, error) {
	if in.Signed == nil {
		defer s.takeTurn()()
		return s.logIn(ctx, d.ID, in.Officer, in.Password)
	}
	keys, err := s.officerKeys(ctx, d.ID, in.Officer)
	if err != nil {
		return wire.SessionResponse{}, err
	}
	var a wire.Ask
	if err := wire.OpenRequest(wire.PurposeSession, wire.Request{Message: in.Signed}, &a, keys); err != nil || a.Subject != in.Officer {
		return wire.SessionResponse{}, fault(wire.CodeSession)
	}
	if err := s.store.tx(ctx, func(tx *sql.Tx) error { return s.fresh(ctx, tx, a) }); err != nil {
		return wire.SessionResponse{}, err
	}
	return s.newSession(ctx, d.ID, in.Officer, false)
}

// packets takes a batch in. One packet's trouble is its own; central's own puts
// the whole batch off.
func (s *Server) packets(ctx context.Context, d device, in wire.PacketsRequest) (wire.PacketsResponse, error) {
	if len(in.Packets) == 0 || len(in.Packets) > wire.MaxBatch {
		return wire.PacketsResponse{}, fault(wire.CodeBadRequest)
	}
	defer s.nudge()
	results, err := s.intake(ctx, d.ID, in.Packets)
	if err != nil {
		return wire.PacketsResponse{}, err
	}
	for _, r := range results {
		s.log.Info("packet", "device", d.ID, "packet", r.Packet, "result", string(r.Result), "reason", r.Reason)
	}
	return wire.PacketsResponse{Results: results, Now: s.now().UTC()}, nil
}

// eventPage is how many events one answer carries.
const eventPage = 500

func (s *Server) events(ctx context.Context, device string, after int64) (wire.EventsResponse, error) {
	out := wire.EventsResponse{Events: []wire.Event{}, Cursor: after, Now: s.now().UTC()}
	rows, err := s.store.db.QueryContext(ctx, "SELECT cursor, packet, state, at, reason, next FROM events WHERE device = $1 AND cursor > $2 ORDER BY cursor LIMIT $3",
		device, after, eventPage)
	if err != nil {
		return out, fmt.Errorf("events: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e wire.Event
		var at int64
		if err := rows.Scan(&e.Cursor, &e.Packet, &e.State, &at, &e.Reason, &e.Next); err != nil {
			return out, fmt.Errorf("events: %w", err)
		}
		e.At = fromMillis(at)
		out.Events, out.Cursor = append(out.Events, e), e.Cursor
	}
	out.More = len(out.Events) == eventPage
	return out, rows.Err()
}
