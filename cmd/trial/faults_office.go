package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"loket/scanner/token"
	"loket/sync/central"
	"loket/sync/central/centraltest"
	"loket/sync/central/maildrop"
	"loket/sync/client"
	"loket/sync/wire"
)

// faultsOffice is a central as a process of its own, its mail server, and the
// counters with their lines.
type faultsOffice struct {
	plan     faultsPlan
	dir      string // central's data
	recovery string
	home     *central.Home // the same data, from this process
	mail     *maildrop.Drop
	server   *faultsCentral
	lines    []*faultsLine
	counters []*faultsDesk
}

// openFaultsOffice makes everything, over lines that are still good.
func openFaultsOffice(ctx context.Context, p faultsPlan) (_ *faultsOffice, err error) {
	o := &faultsOffice{plan: p, dir: filepath.Join(p.dir, "central")}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.close())
		}
	}()
	secrets, err := central.Init(ctx, o.dir, time.Now)
	if err != nil {
		return o, err
	}
	o.recovery = secrets.Recovery
	if o.home, err = central.OpenHome(ctx, o.dir, time.Now); err != nil {
		return o, err
	}
	if p.forget {
		if err := centraltest.Forget(ctx, o.dir); err != nil {
			return o, err
		}
	}
	if o.mail, err = maildrop.Start(filepath.Join(p.dir, "mail"), "127.0.0.1:0"); err != nil {
		return o, err
	}
	if o.server, err = startFaultsCentral(p.central, o.dir, o.mail.Addr); err != nil {
		return o, err
	}
	if err := o.records(ctx); err != nil {
		return o, err
	}
	for i := range p.counters {
		if err := o.counter(ctx, i); err != nil {
			return o, fmt.Errorf("counter %d: %w", i+1, err)
		}
	}
	return o, nil
}

func (o *faultsOffice) close() (err error) {
	for _, l := range o.lines {
		go l.proxy.Stop() // it may wait for ever
	}
	if o.server != nil {
		o.server.stop()
	}
	if o.mail != nil {
		err = errors.Join(err, o.mail.Close())
	}
	if o.home != nil {
		err = errors.Join(err, o.home.Close())
	}
	return err
}

// citizen is the n-th: her NIK and day of birth are of one kecamatan and month.
func (o *faultsOffice) citizen(n int) wire.Record {
	day, number := 1+n/9999, 1+n%9999
	return wire.Record{NIK: fmt.Sprintf("170212%02d0592%04d", 40+day, number), Name: "SRI CONTOH", Born: fmt.Sprintf("1992-05-%02d", day),
		Sex: "P", Kecamatan: "17.02.12", Recorded: true, NIKStatus: wire.NIKActive, IKD: wire.IKDNone}
}

func (o *faultsOffice) records(ctx context.Context) error {
	records := make([]wire.Record, o.plan.approvals())
	for i := range records {
		records[i] = o.citizen(i)
	}
	folder := filepath.Join(o.plan.dir, "records")
	if err := central.WriteRecords(folder, records); err != nil {
		return err
	}
	_, err := o.home.ImportRecords(ctx, folder)
	return err
}

// counter enrols counter i with an officer, registers the phones of its
// citizens, and writes down what the counter's process needs.
func (o *faultsOffice) counter(ctx context.Context, i int) error {
	k := faultsKit{Officer: fmt.Sprintf("petugas-%d", i+1), Packets: o.plan.share(i), Every: o.plan.every, Probe: o.plan.probe}
	var err error
	if _, k.Key, err = ed25519.GenerateKey(nil); err != nil {
		return err
	}
	if _, k.Signer, err = ed25519.GenerateKey(nil); err != nil {
		return err
	}
	code, err := o.home.NewDeviceCode(ctx, o.server.counters, centraltest.Office, "Loket "+strconv.Itoa(i+1))
	if err != nil {
		return err
	}
	if k.Device, err = client.Enrol(ctx, code, k.Key, time.Now); err != nil {
		return err
	}
	c, err := client.New(k.Device, k.Key, client.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	password, err := o.home.AddOfficer(ctx, central.Officer{ID: k.Officer, Name: "PETUGAS CONTOH", Role: wire.RoleOfficer, Office: centraltest.Office})
	if err != nil {
		return err
	}
	if _, err := c.LogIn(ctx, k.Officer, password); err != nil {
		return err
	}
	if _, err := c.ChangePassword(ctx, password, centraltest.Password); err != nil {
		return err
	}
	if k.Certificate, _, err = c.CertifyOfficer(ctx, k.Signer.Public()); err != nil {
		return err
	}
	policy, err := o.home.Policy(ctx)
	if err != nil {
		return err
	}
	for _, r := range policy.Recipients {
		k.Recipients = append(k.Recipients, wire.Recipient{KID: r.KID, Public: r.Public})
	}
	if k.Citizens, err = o.phones(ctx, k); err != nil {
		return err
	}
	line, err := newFaultsLine(k.Officer, o.server.counters[len("https://"):], o.plan.seed+uint64(i))
	if err != nil {
		return err
	}
	o.lines = append(o.lines, line)
	k.Device.CountersURL = "https://" + line.proxy.Listen
	d := &faultsDesk{dir: filepath.Join(o.plan.dir, k.Officer), progress: make(chan struct{}, 1), saved: map[string]int{}}
	if o.counters = append(o.counters, d); os.Mkdir(d.dir, 0o700) != nil {
		return fmt.Errorf("folder of %s", k.Officer)
	}
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, faultsKitFile), data, 0o600)
}

// phones registers the phones of a counter's citizens, who come after those of
// the counters before, and scans their codes.
func (o *faultsOffice) phones(ctx context.Context, k faultsKit) ([]faultsCitizen, error) {
	first := 0
	for i := range len(o.counters) {
		first += (o.plan.share(i) + o.plan.every - 1) / o.plan.every
	}
	root, err := os.ReadFile(filepath.Join(o.dir, central.RootFile))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(root)
	glass := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, MaxIdleConnsPerHost: 4}, Timeout: time.Minute}
	defer glass.CloseIdleConnections()
	trust, err := token.ReadTrust(k.Device.Trust)
	if err != nil {
		return nil, err
	}
	issuers := trust.Lookup(token.UseCredential, time.Now())
	citizens := make([]faultsCitizen, (k.Packets+k.Every-1)/k.Every)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i := range citizens {
		g.Go(func() (err error) {
			citizens[i], err = register(ctx, glass, o.server.phones, o.citizen(first+i).NIK, issuers)
			return err
		})
	}
	return citizens, g.Wait()
}

// register makes a phone that registers a NIK and shows its code.
func register(ctx context.Context, glass *http.Client, url, nik string, issuers token.Lookup) (c faultsCitizen, err error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return c, err
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return c, err
	}
	var selfie bytes.Buffer
	if err := jpeg.Encode(&selfie, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		return c, err
	}
	signed, err := wire.SignRequest(wire.PurposeRegistration, &wire.Registration{NIK: nik, Email: "sri" + nik[12:] + "@contoh.id",
		Number: "0812 3456 7890", Selfie: selfie.Bytes(), Key: spki}, time.Now(), key)
	if err != nil {
		return c, err
	}
	body, err := json.Marshal(signed)
	if err != nil {
		return c, err
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, url+wire.PathRegistrations, bytes.NewReader(body))
	if err != nil {
		return c, err
	}
	ask.Header.Set("Content-Type", "application/json")
	resp, err := glass.Do(ask)
	if err != nil {
		return c, err
	}
	defer resp.Body.Close()
	var r wire.RegistrationResponse
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil || resp.StatusCode != http.StatusOK {
		return c, fmt.Errorf("register: %s: %w", resp.Status, err)
	}
	cred, err := token.OpenCredential(r.Credential, issuers)
	if err != nil {
		return c, err
	}
	c = faultsCitizen{NIK: cred.NIK, Email: cred.Email, Number: cred.Number, Registration: cred.Registration}
	c.Presentation, err = token.Present(r.Credential, key, time.Now(), nil)
	return c, err
}
