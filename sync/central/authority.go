package central

import (
	"context"
	"crypto"
	"crypto/hpke"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

// Issuer is the iss of the credentials that central makes.
const Issuer = "loket-ikd"

// trustLife is how long a trust list is good; serve signs a new one when half
// of it is over.
const trustLife = 90 * 24 * time.Hour

// Names of the settings that hold what was signed last, and where the listeners
// are reached.
const (
	settingTrust    = "trust"
	settingPolicy   = "policy"
	settingCounters = "url.counters"
	settingPhones   = "url.phones"
)

// RootKey is the public key that signs trust list and policy.
func (h *Home) RootKey() crypto.PublicKey { return h.keys.root.Public() }

// signTrust signs the next version of the trust list.
func (h *Home) signTrust(ctx context.Context, tx *sql.Tx) error {
	version, err := next(ctx, tx, "trust")
	if err != nil {
		return fmt.Errorf("sign trust list: %w", err)
	}
	cards, err := cardIssuers(ctx, tx)
	if err != nil {
		return fmt.Errorf("sign trust list: %w", err)
	}
	now := h.now().Truncate(time.Second)
	msg, err := token.SignTrust(token.TrustList{
		Version: uint64(version), Issued: now, Expires: now.Add(trustLife),
		Roots: []crypto.PublicKey{h.RootKey()},
		Keys: append([]token.TrustedKey{
			{Use: token.UseCredential, Key: h.keys.issuer.Public(), Issuer: Issuer},
			{Use: token.UseDevice, Key: h.keys.device.Public(), Issuer: Issuer},
			{Use: token.UsePolicy, Key: h.RootKey(), Issuer: Issuer},
		}, cards.Keys...),
	}, h.keys.root)
	if err != nil {
		return err
	}
	return putSetting(ctx, tx, settingTrust, msg)
}

// Trust is the signed trust list; a new one is signed when half of its time is over.
func (h *Home) Trust(ctx context.Context) ([]byte, error) {
	msg, err := setting(ctx, h.store.db, settingTrust)
	if err != nil {
		return nil, fmt.Errorf("trust list: %w", err)
	}
	l, err := token.OpenTrust(msg, []crypto.PublicKey{h.RootKey()}, 0, h.now())
	if err != nil && !errors.Is(err, token.ErrStale) {
		return nil, fmt.Errorf("trust list: %w", err)
	}
	if err == nil && h.now().Before(l.Issued.Add(trustLife/2)) {
		return msg, nil
	}
	if err := h.store.tx(ctx, func(tx *sql.Tx) error { return h.signTrust(ctx, tx) }); err != nil {
		return nil, err
	}
	return setting(ctx, h.store.db, settingTrust)
}

// defaultPolicy is the shipped one. The thresholds of
// face-reidentification-retail-0095 are those measured on LFW (assets/models).
func defaultPolicy() wire.Policy {
	return wire.Policy{
		Matchers: []wire.MatcherPolicy{{
			Model: "face-reidentification-retail-0095", Metric: "similarity",
			Match: 0.553, Doubtful: 0.433, Measured: true, Data: "LFW",
		}},
		Offline: wire.OfflinePolicy{DaysWithoutSync: 7, PacketsPending: 2000, DaysWithoutEndOfDay: 3, ClockAheadDays: 14, RosterDays: 2},
		Mail:    wire.MailPolicy{Sender: "Aktivasi IKD Dukcapil"},
	}
}

// signPolicy signs p as the next version, with the recipients of packets.
func (h *Home) signPolicy(ctx context.Context, tx *sql.Tx, p wire.Policy) error {
	version, err := next(ctx, tx, "policy")
	if err != nil {
		return fmt.Errorf("sign policy: %w", err)
	}
	public, err := setting(ctx, tx, "recovery")
	if err != nil {
		return fmt.Errorf("sign policy: %w", err)
	}
	recovery, err := hpke.MLKEM768X25519().NewPublicKey(public)
	if err != nil {
		return fmt.Errorf("sign policy: recovery key: %w", err)
	}
	p.Version, p.Issued = uint64(version), h.now().UTC().Truncate(time.Second)
	p.Recipients = []wire.SealKey{sealKey("central", h.keys.seal.PublicKey()), sealKey("recovery", recovery)}
	msg, err := wire.SignPolicy(p, h.keys.root)
	if err != nil {
		return err
	}
	return putSetting(ctx, tx, settingPolicy, msg)
}

// SetPolicy signs p as the policy from now on. Version, Issued and Recipients
// are central's to fill in; limits and sender are the shipped ones where p has
// none.
func (h *Home) SetPolicy(ctx context.Context, p wire.Policy) (wire.Policy, error) {
	for _, m := range p.Matchers {
		if m.Model == "" || (m.Metric != "similarity" && m.Metric != "distance") {
			return wire.Policy{}, fmt.Errorf("policy: matcher %q has metric %q, want similarity or distance", m.Model, m.Metric)
		}
		if (m.Metric == "similarity") != (m.Match > m.Doubtful) {
			return wire.Policy{}, fmt.Errorf("policy: matcher %q: match %v and doubtful %v are the wrong way round", m.Model, m.Match, m.Doubtful)
		}
	}
	if l := p.Liveness; l != wire.LivenessWhere && l != wire.LivenessAlways && l != wire.LivenessOff {
		return wire.Policy{}, fmt.Errorf("policy: liveness %q, want %q, %q or nothing", l, wire.LivenessAlways, wire.LivenessOff)
	}
	if p.Offline == (wire.OfflinePolicy{}) {
		p.Offline = defaultPolicy().Offline
	}
	if p.Mail.Sender == "" {
		p.Mail = defaultPolicy().Mail
	}
	if err := h.store.tx(ctx, func(tx *sql.Tx) error { return h.signPolicy(ctx, tx, p) }); err != nil {
		return wire.Policy{}, err
	}
	return h.Policy(ctx)
}

// Policy is the policy in force.
func (h *Home) Policy(ctx context.Context) (wire.Policy, error) {
	msg, err := h.policyMessage(ctx)
	if err != nil {
		return wire.Policy{}, err
	}
	return wire.OpenPolicy(msg, h.RootKey(), 0)
}

func (h *Home) policyMessage(ctx context.Context) ([]byte, error) {
	msg, err := setting(ctx, h.store.db, settingPolicy)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	return msg, nil
}

// issuers finds the keys that registration credentials are signed with, and
// certifiers those of device and officer certificates.
func (h *Home) issuers() token.Lookup    { return h.issuing }
func (h *Home) certifiers() token.Lookup { return h.certifying }
