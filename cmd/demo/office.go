package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"loket/sync/central"
	"loket/sync/central/maildrop"
	"loket/sync/wire"
)

// The officer of the demo. The PIN is one that no policy forbids.
const (
	officerID       = "014"
	officerName     = "PETUGAS CONTOH"
	supervisorID    = "002"
	supervisorName  = "PENYELIA CONTOH"
	officerPassword = "sandi-latihan-014"
	officerPIN      = "402917"
	citizenPIN      = "592038"
	officeCode      = "17.02"
	counterName     = "Loket 3"
)

// office is everything but the people: central with its records, the mail
// server, the camera and the line between.
type office struct {
	programs
	folder   string
	citizens []citizen
	mail     *maildrop.Drop
	camera   *webcam
	line     *link
	central  *program
	phones   string // central's address for phones
	code     string // device code
	password string // the officer's first
	second   string // the supervisor's first
}

// openOffice starts central with the sample citizens in its registry.
func openOffice(ctx context.Context, p programs, folder string) (o *office, err error) {
	o = &office{programs: p, folder: folder, citizens: sampleCitizens(time.Now().UTC())}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.Close())
		}
	}()
	data, policy, records := o.path("central"), o.path("policy.json"), o.path("records")
	if err := writeRecords(records, o.citizens, time.Now()); err != nil {
		return o, fmt.Errorf("sample records: %w", err)
	}
	if err := writePolicy(ctx, p, policy); err != nil {
		return o, err
	}
	if o.mail, err = maildrop.Start(o.path("mail"), "127.0.0.1:0"); err != nil {
		return o, err
	}
	if o.camera, err = openWebcam(); err != nil {
		return o, err
	}
	if o.line, err = openLink(); err != nil {
		return o, err
	}
	officer := func(id, name, role string) (password string, err error) {
		out, err := o.Once(ctx, "central", "officers", "add", "--data", data, "--json", "--id", id, "--name", name, "--office", officeCode, "--role", role)
		if err != nil {
			return "", err
		}
		var said struct{ Password string }
		err = decode(out, &said)
		return said.Password, err
	}
	err = steps(
		func() error { _, err := o.Once(ctx, "central", "init", "--data", data); return err },
		func() error { _, err := o.Once(ctx, "central", "policy", "set", "--data", data, policy); return err },
		func() error {
			_, err := o.Once(ctx, "central", "records", "import", "--data", data, records)
			return err
		},
		func() (err error) { o.password, err = officer(officerID, officerName, wire.RoleOfficer); return err },
		func() (err error) {
			o.second, err = officer(supervisorID, supervisorName, wire.RoleSupervisor)
			return err
		},
	)
	if err != nil {
		return o, err
	}
	o.central, err = o.Start("central", "central", nil, "serve", "--data", data, "--counters", "127.0.0.1:0", "--phones", "127.0.0.1:0",
		"--smtp", o.mail.Addr, "--from", "ikd@contoh.id", "--starttls", "none")
	if err != nil {
		return o, err
	}
	wait, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	counters, err := o.central.Said(wait, "listening counters ")
	if err != nil {
		return o, err
	}
	if o.phones, err = o.central.Said(wait, "listening phones "); err != nil {
		return o, err
	}
	at, err := url.Parse(counters)
	if err != nil {
		return o, err
	}
	o.line.Join(at.Host)
	out, err := o.Once(ctx, "central", "devices", "code", "--data", data, "--json", "--office", officeCode, "--counter", counterName, "--address", "https://"+o.line.Addr)
	if err != nil {
		return o, err
	}
	var said struct{ Code string }
	if err := decode(out, &said); err != nil {
		return o, err
	}
	o.code = said.Code
	return o, nil
}

func (o *office) path(name string) string { return filepath.Join(o.folder, name) }

// Close ends what runs.
func (o *office) Close() error {
	var errs []error
	if o.central != nil {
		errs = append(errs, o.central.Stop())
	}
	if o.line != nil {
		errs = append(errs, o.line.Cut())
	}
	if o.camera != nil {
		errs = append(errs, o.camera.Close())
	}
	if o.mail != nil {
		errs = append(errs, o.mail.Close())
	}
	return errors.Join(errs...)
}

// Rows asks a second process what central's database holds.
func (o *office) Rows(ctx context.Context) (central.Rows, error) {
	out, err := o.Once(ctx, "central", "rows", "--data", o.path("central"), "--json")
	if err != nil {
		return central.Rows{}, err
	}
	var r central.Rows
	return r, json.Unmarshal([]byte(out), &r)
}

// A phone is a citizen's, with its glass.
type phone struct {
	citizen
	glass
	program *program
	address string
	sitter  *sitter // the citizen before the camera
}

// startPhone switches the phone of a citizen on.
func (o *office) startPhone(ctx context.Context, c citizen) (*program, string, error) {
	data := o.path("phones/" + c.ID)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, "", err
	}
	selfie := filepath.Join(data, "selfie.jpg")
	if err := writeJPEG(selfie, c.Draw(frameSize.Max, selfieLook)); err != nil {
		return nil, "", err
	}
	pr, err := o.Start("phone", "phone-"+c.ID, nil, "serve", "--central", o.phones, "--root", filepath.Join(o.path("central"), central.RootFile), "--data", data, "--selfie", selfie)
	if err != nil {
		return nil, "", err
	}
	wait, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	address, err := pr.Said(wait, "listening ")
	if err != nil {
		return nil, "", errors.Join(err, pr.Stop())
	}
	return pr, address, nil
}

// openPhone switches the phone of a citizen on and registers, as at home.
func (o *office) openPhone(ctx context.Context, c citizen, browser string) (*phone, error) {
	pr, address, err := o.startPhone(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &phone{citizen: c, program: pr, address: address}
	p.glass = drawn{p.address}
	if browser != "" {
		b, err := openBrowser(ctx, browser, p.address, o.path("phones/"+c.ID+"/camera.mjpeg"))
		if err != nil {
			return nil, errors.Join(err, pr.Stop())
		}
		p.glass = b
	}
	if err := p.Register(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("phone of %s: %w", c.ID, err), p.Stop())
	}
	return p, nil
}

// Stop switches the phone off.
func (p *phone) Stop() error {
	p.glass.Close()
	return p.program.Stop()
}

// letter waits for the mail with the activation code.
func (o *office) letter(ctx context.Context, c citizen) (maildrop.Mail, error) {
	var got maildrop.Mail
	err := await(ctx, "a letter with the activation code", 60*time.Second, func() (bool, error) {
		all, err := o.mail.Mails()
		for _, m := range all {
			if strings.EqualFold(m.To, c.Email) && m.Code() != "" {
				got = m // the last one counts
			}
		}
		return got.File != "", err
	})
	return got, err
}
