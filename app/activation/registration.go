package activation

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// An InputFault is one thing wrong with what a citizen typed at home.
type InputFault string

const (
	EmailForm    InputFault = "email-form"     // not an address that mail could reach
	EmailTwice   InputFault = "email-twice"    // the two entries are not the same
	EmailTypo    InputFault = "email-typo"     // a slip of a well-known domain, "gmial.com"
	NumberForm   InputFault = "number-form"    // not an Indonesian mobile number
	NumberTwice  InputFault = "number-twice"   // the two entries are not the same
	EmailOfficer InputFault = "email-official" // an office's own address is nobody's personal channel
)

func (f InputFault) Error() string { return string(f) }

// Registration is what the citizen enters in the app: e-mail and number twice.
type Registration struct {
	NIK                  string
	Email, EmailAgain    string
	Number, NumberAgain  string
	AcceptUnusual        bool // the citizen confirmed that the suspected slip is right
	OfficeDomains        []string
	Suggested            string // set by Check where a slip is suspected: what was probably meant
	NormalEmail, NormalN string // set by Check: lower-case domain; +62…
}

// Check normalises both addresses and joins every fault: NIKFault, InputFault.
func (r Registration) Check(now time.Time) (Registration, error) {
	var faults []error
	if _, err := ParseNIK(r.NIK, now); err != nil {
		faults = append(faults, err)
	}
	email, err := NormalEmail(r.Email)
	if err != nil {
		faults = append(faults, err)
	}
	if again, _ := NormalEmail(r.EmailAgain); again != email {
		faults = append(faults, EmailTwice)
	}
	if meant := SuspectedSlip(email); meant != "" && !r.AcceptUnusual {
		r.Suggested = meant
		faults = append(faults, fmt.Errorf("%w: %s?", EmailTypo, meant[strings.LastIndexByte(meant, '@')+1:]))
	}
	for _, d := range r.OfficeDomains {
		if strings.HasSuffix(email, "@"+d) || strings.HasSuffix(email, "."+d) {
			faults = append(faults, EmailOfficer)
			break
		}
	}
	number, err := NormalNumber(r.Number)
	if err != nil {
		faults = append(faults, err)
	}
	if again, _ := NormalNumber(r.NumberAgain); again != number {
		faults = append(faults, NumberTwice)
	}
	r.NormalEmail, r.NormalN = email, number
	return r, errors.Join(faults...)
}

// NormalEmail trims the address and lowers its domain. The part before the @
// stays as typed: the receiving server alone knows whether case matters.
func NormalEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return s, EmailForm
	}
	local, domain, _ := strings.Cut(s, "@")
	domain = strings.ToLower(domain)
	if strings.Contains(domain, "@") || !strings.Contains(strings.Trim(domain, "."), ".") ||
		strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") || strings.HasPrefix(domain, "[") {
		return s, EmailForm
	}
	return local + "@" + domain, nil
}

// NormalNumber makes 08…, 628…, +628… and 8… with spaces, dots or hyphens one
// form: +628…, with nine to twelve digits after +62, as Indonesian mobile
// numbers have.
func NormalNumber(s string) (string, error) {
	var b strings.Builder
	for i, c := range strings.TrimSpace(s) {
		switch {
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		case c == '+' && i == 0, c == ' ', c == '-', c == '.', c == '(', c == ')':
		default:
			return s, NumberForm
		}
	}
	d := b.String()
	switch {
	case strings.HasPrefix(d, "62"):
		d = d[2:]
	case strings.HasPrefix(d, "0"):
		d = d[1:]
	}
	if len(d) < 9 || len(d) > 12 || d[0] != '8' {
		return s, NumberForm
	}
	return "+62" + d, nil
}

// commonDomains are the mail domains that most citizens use.
func commonDomains() []string {
	return []string{"gmail.com", "yahoo.com", "yahoo.co.id", "icloud.com", "outlook.com", "outlook.co.id",
		"hotmail.com", "ymail.com", "rocketmail.com", "live.com", "proton.me"}
}

// SuspectedSlip returns the address that was probably meant where the domain
// is one slip (a letter too many, too few, another, or two swapped) from a common
// one; "" where nothing is suspected.
func SuspectedSlip(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return ""
	}
	domain := strings.ToLower(email[at+1:])
	meant := ""
	for _, d := range commonDomains() {
		if domain == d {
			return ""
		}
		if meant == "" && oneSlip(domain, d) {
			meant = d
		}
	}
	if meant == "" {
		return ""
	}
	return email[:at+1] + meant
}

// oneSlip says whether a becomes b by one insertion, deletion, substitution or
// swap of neighbours.
func oneSlip(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	switch {
	case a == b:
		return false
	case len(a) == len(b):
		return a[1:] == b[1:] || len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
	case len(a) == len(b)+1:
		return a[1:] == b
	case len(b) == len(a)+1:
		return b[1:] == a
	}
	return false
}

// MaskEmail shows first and last letter of the local part and the domain:
// s•••••o@contoh.id. The number of dots is always five and says nothing.
func MaskEmail(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 1 {
		return "•••••"
	}
	local := []rune(email[:at])
	if len(local) < 3 {
		return string(local[:1]) + "•••••" + email[at:]
	}
	return string(local[:1]) + "•••••" + string(local[len(local)-1:]) + email[at:]
}

// MaskNumber shows the last three digits of a number: 08•• •••• •217.
func MaskNumber(number string) string {
	if len(number) < 7 {
		return "08•• •••• ••••"
	}
	return "08•• •••• •" + number[len(number)-3:]
}
