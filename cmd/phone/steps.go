package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"loket/app/activation"
	"loket/sync/wire"
)

// ask posts to central and remembers whether it answered.
func (p *Phone) ask(ctx context.Context, path string, body, answer any) error {
	err := p.central.post(ctx, path, body, answer)
	p.noteLink(err)
	return err
}

func (p *Phone) noteLink(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.offline = errors.Is(err, errOffline)
}

// subject is the registration that signed requests are about.
func (p *Phone) subject() (wire.Ask, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.memory.Registration == "" {
		return wire.Ask{}, errNotRegistered
	}
	return wire.Ask{Subject: p.memory.Registration}, nil
}

// signed asks central for something with a signed request.
func (p *Phone) signed(ctx context.Context, path string, purpose wire.Purpose, body wire.Asking, answer any) error {
	req, err := wire.SignRequest(purpose, body, p.now(), p.key)
	if err != nil {
		return err
	}
	return p.ask(ctx, path, req, answer)
}

// progress keeps what central said about the registration.
func (p *Phone) progress(s wire.StateResponse) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.Registration != p.memory.Registration || s == p.memory.Progress {
		return nil // of a registration that was given up meanwhile, or nothing new
	}
	p.memory.Progress = s
	return p.memory.save(p.dir)
}

// Refresh asks central where the registration stands.
func (p *Phone) Refresh(ctx context.Context) error {
	ask, err := p.subject()
	if err != nil {
		return err
	}
	var s wire.StateResponse
	if err := p.signed(ctx, wire.PathState, wire.PurposeState, &ask, &s); err != nil {
		return fmt.Errorf("ask for state: %w", err)
	}
	return p.progress(s)
}

// Captcha asks central for a question.
func (p *Phone) Captcha(ctx context.Context) (wire.CaptchaResponse, error) {
	var q wire.CaptchaResponse
	if err := p.ask(ctx, wire.PathCaptchas, struct{}{}, &q); err != nil {
		return q, fmt.Errorf("ask for captcha: %w", err)
	}
	return q, nil
}

// Activate hands in the code from the mail with the answer to a captcha.
func (p *Phone) Activate(ctx context.Context, code, captcha, answer string) error {
	ask, err := p.subject()
	if err != nil {
		return err
	}
	code = strings.Join(strings.Fields(code), "")
	switch {
	case code == "":
		return &Fault{Fields: map[string]string{"code": "Isi kode dari e-mail Anda."}}
	case strings.TrimSpace(answer) == "":
		return &Fault{Fields: map[string]string{"answer": "Jawab pertanyaannya dulu."}}
	}
	var s wire.StateResponse
	if err := p.signed(ctx, wire.PathActivations, wire.PurposeActivation, &wire.Activation{Ask: ask, Code: code, Captcha: captcha, Answer: answer}, &s); err != nil {
		return fmt.Errorf("activate: %w", err)
	}
	return p.progress(s)
}

// ChoosePIN sets the PIN. Weak ones are refused here already, kindly; central
// also knows the date of birth.
func (p *Phone) ChoosePIN(ctx context.Context, pin, again string) error {
	ask, err := p.subject()
	if err != nil {
		return err
	}
	p.mu.Lock()
	nik := p.memory.NIK
	p.mu.Unlock()
	if why := pinFault(pin, again, nik); why != "" {
		return &Fault{Fields: map[string]string{"pin": why}}
	}
	var s wire.StateResponse
	if err := p.signed(ctx, wire.PathPIN, wire.PurposePIN, &wire.PIN{Ask: ask, PIN: pin}, &s); err != nil {
		return fmt.Errorf("choose PIN: %w", err)
	}
	return p.progress(s)
}

// pinFault says what is wrong with a PIN, "" when nothing is.
func pinFault(pin, again, nik string) string {
	switch {
	case len(pin) != 6 || strings.Trim(pin, "0123456789") != "":
		return "PIN terdiri dari enam angka."
	case pin != again:
		return "Kedua PIN belum sama. Ketik ulang pelan-pelan."
	case easy(pin):
		return "PIN ini mudah ditebak. Pilih enam angka yang tidak berurutan dan tidak berulang."
	case len(nik) == 16 && (strings.Contains(nik, pin) || pin == birthPIN(nik)):
		return "PIN ini ada di NIK atau tanggal lahir Anda, jadi mudah ditebak. Pilih angka lain."
	}
	return ""
}

// easy is a run up or down, or one to three digits repeated.
func easy(pin string) bool {
	up, down := true, true
	for i := 1; i < len(pin); i++ {
		up = up && pin[i] == pin[i-1]+1
		down = down && pin[i]+1 == pin[i-1]
	}
	return up || down || pin[:3] == pin[3:] || pin[:2] == pin[2:4] && pin[2:4] == pin[4:]
}

// birthPIN is the date of birth as DDMMYY, for women without the 40.
func birthPIN(nik string) string {
	day := nik[6:8]
	if day > "40" {
		day = string([]byte{day[0] - 4, day[1]})
	}
	return day + nik[8:12]
}

// Card fetches the active IKD. It is not kept: it comes with each look.
func (p *Phone) Card(ctx context.Context) (wire.CardResponse, error) {
	ask, err := p.subject()
	if err != nil {
		return wire.CardResponse{}, err
	}
	var c wire.CardResponse
	if err := p.signed(ctx, wire.PathCard, wire.PurposeCard, &ask, &c); err != nil {
		return c, fmt.Errorf("ask for card: %w", err)
	}
	return c, nil
}

// Fault is something that the citizen can put right: a sentence for each field,
// or one for all.
type Fault struct {
	Fields  map[string]string `json:"fields,omitempty"`
	Message string            `json:"message,omitempty"`
	Next    string            `json:"next,omitempty"`
	Suggest string            `json:"suggest,omitempty"` // the e-mail address that was probably meant
}

func (f *Fault) Error() string {
	if f.Message != "" {
		return f.Message
	}
	var all []string
	for _, sentence := range f.Fields {
		all = append(all, sentence)
	}
	return strings.Join(all, " ")
}

// formFault puts the faults of a registration into words, by field.
func formFault(r activation.Registration, err error) *Fault {
	f := &Fault{Fields: map[string]string{}, Suggest: r.Suggested}
	for _, row := range []struct {
		is          error
		field, says string
	}{
		{activation.NIKLength, "nik", "NIK terdiri dari 16 angka. Lihat di KTP-el Anda."},
		{activation.NIKDigits, "nik", "NIK hanya berisi angka."},
		{activation.NIKRegion, "nik", "Enam angka pertama NIK belum benar. Cocokkan dengan KTP-el."},
		{activation.NIKDay, "nik", "Angka ke-7 dan ke-8 NIK belum benar. Cocokkan dengan KTP-el."},
		{activation.NIKMonth, "nik", "Angka ke-9 dan ke-10 NIK belum benar. Cocokkan dengan KTP-el."},
		{activation.NIKDate, "nik", "Tanggal di dalam NIK belum benar. Cocokkan dengan KTP-el."},
		{activation.NIKSerial, "nik", "Empat angka terakhir NIK belum benar. Cocokkan dengan KTP-el."},
		{activation.EmailForm, "email", "Alamat e-mail belum lengkap, misalnya nama@contoh.id."},
		{activation.EmailTwice, "email_again", "Kedua alamat e-mail belum sama."},
		{activation.EmailTypo, "email", "Mungkin ada salah ketik di alamat e-mail."},
		{activation.EmailOfficer, "email", "Pakai alamat e-mail Anda sendiri, bukan milik kantor."},
		{activation.NumberForm, "number", "Nomor ponsel dimulai dengan 08, misalnya 0812 0000 0001."},
		{activation.NumberTwice, "number_again", "Kedua nomor ponsel belum sama."},
	} {
		if _, told := f.Fields[row.field]; !told && errors.Is(err, row.is) {
			f.Fields[row.field] = row.says
		}
	}
	return f
}
