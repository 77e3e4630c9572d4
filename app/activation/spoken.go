package activation

import (
	"errors"
	"fmt"
	"strings"
)

// A registration code is what people say where no camera reads the phone's
// QR: ten digits, of which the last two are check digits by ISO/IEC 7064,
// MOD 97-10 (the system of IBAN and LEI): read as one number it leaves 1 when
// divided by 97. Central draws the eight digits before at random, and the code
// serves with the NIK alone. Any one digit that is wrong and any two
// neighbours that are swapped are found, always; of other slips 96 of 97.
const registrationDigits = 10

// RegistrationPayloads is how many codes there are: eight free digits.
const RegistrationPayloads = 100_000_000

// A CodeFault is one thing that is wrong with a typed registration code.
type CodeFault string

const (
	CodeLength CodeFault = "code-length" // not ten digits
	CodeDigits CodeFault = "code-digits" // something that is not a digit 0..9
	CodeTypo   CodeFault = "code-typo"   // the check digits disagree
)

func (f CodeFault) Error() string { return string(f) }

// CodeSlip is a CodeTypo that just one common slip explains: the Digit (from
// 1), or the two neighbours from Digit on where Swapped is set. The code may be
// wrong in a rarer way, and is never put right by itself: people look again.
// Of single wrong digits and swaps 43 % have a place that can be named; the
// rest could have happened in more than one.
type CodeSlip struct {
	Digit   int
	Swapped bool
}

func (s *CodeSlip) Error() string {
	if s.Swapped {
		return fmt.Sprintf("digits %d and %d may be swapped", s.Digit, s.Digit+1)
	}
	return fmt.Sprintf("digit %d may be wrong", s.Digit)
}

// Is says that a slip is a typo.
func (s *CodeSlip) Is(target error) bool { return target == CodeTypo }

// RegistrationCode adds the check digits to eight digits, given as a number
// below RegistrationPayloads.
func RegistrationCode(payload int) string {
	return fmt.Sprintf("%08d%02d", payload, 98-payload*100%97)
}

// GroupCode writes a registration code as people read it aloud: 482 913 0756.
func GroupCode(code string) string {
	if len(code) != registrationDigits {
		return code
	}
	return code[:3] + " " + code[3:6] + " " + code[6:]
}

// Ungroup takes out what people put between groups of digits.
func Ungroup(text string) string {
	return strings.NewReplacer(" ", "", "-", "", ".", "", "\u00a0", "").Replace(text)
}

// ParseRegistrationCode reads a typed code and gives its ten digits. The error
// joins every CodeFault found; a typo that just one slip explains is a
// *CodeSlip.
func ParseRegistrationCode(text string) (string, error) {
	code := Ungroup(text)
	var faults []error
	if n := len([]rune(code)); n != registrationDigits {
		faults = append(faults, fmt.Errorf("%w: %d characters, want %d", CodeLength, n, registrationDigits))
	}
	if code != "" && !digits(code) {
		faults = append(faults, CodeDigits)
	}
	if len(faults) > 0 {
		return "", errors.Join(faults...)
	}
	if checks(code) {
		return code, nil
	}
	if slips := slipsOf(code); len(slips) == 1 {
		return "", &slips[0]
	}
	return "", CodeTypo
}

// checks is ISO/IEC 7064's test: the remainder is 1.
func checks(code string) bool {
	rest := 0
	for i := range len(code) {
		rest = (rest*10 + int(code[i]-'0')) % 97
	}
	return rest == 1
}

// slipsOf lists the single slips that may have made this of a good code.
func slipsOf(code string) []CodeSlip {
	var slips []CodeSlip
	try := []byte(code)
	for i := range try {
		was := try[i]
		for d := byte('0'); d <= '9'; d++ {
			if try[i] = d; d != was && checks(string(try)) {
				slips = append(slips, CodeSlip{Digit: i + 1})
			}
		}
		try[i] = was
		if i+1 < len(try) && try[i] != try[i+1] {
			try[i], try[i+1] = try[i+1], try[i]
			if checks(string(try)) {
				slips = append(slips, CodeSlip{Digit: i + 1, Swapped: true})
			}
			try[i], try[i+1] = try[i+1], try[i]
		}
	}
	return slips
}
