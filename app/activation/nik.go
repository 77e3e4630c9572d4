package activation

import (
	"errors"
	"fmt"
	"time"
)

// A NIKFault is one thing that is wrong with a NIK. ParseNIK joins all it
// finds; errors.Is tells them apart.
type NIKFault string

const (
	NIKLength NIKFault = "nik-length" // not 16 characters
	NIKDigits NIKFault = "nik-digits" // something that is not a digit 0..9
	NIKRegion NIKFault = "nik-region" // province, kabupaten or kecamatan 00: no such place can exist
	NIKDay    NIKFault = "nik-day"    // day is not 1..31, nor 41..71 for women
	NIKMonth  NIKFault = "nik-month"  // month is not 1..12
	NIKDate   NIKFault = "nik-date"   // that month has no such day, in either century
	NIKSerial NIKFault = "nik-serial" // serial 0000: numbering begins at 0001
)

func (f NIKFault) Error() string { return string(f) }

// Warning is something that an officer should see and that stops nothing.
type Warning string

const (
	RegionUnknown Warning = "region-unknown" // not in the reference data; changes before 2016 are not covered by it
	RegionRetired Warning = "region-retired" // was renamed, split or renumbered; an old NIK keeps it
	NIKBirth      Warning = "nik-birth"      // the NIK's date of birth is not the record's
	NIKSex        Warning = "nik-sex"        // the NIK's sex is not the record's
	PhotoOld      Warning = "photo-old"      // enrolled over ten years ago; never refers anybody by itself
	AddressDiffer Warning = "address-differ"
	MarriedDiffer Warning = "married-differ"
)

// NIK is what the sixteen digits of a Nomor Induk Kependudukan say.
type NIK struct {
	Text   string
	Region string    // six digits, the kecamatan where it was first issued
	Date   string    // six digits DDMMYY, the day plus 40 for women
	Serial string    // four digits
	Sex    Sex       // from the day
	Born   time.Time // midnight UTC; the century is guessed, see ParseNIK
}

// Parts are the three groups in which people read a NIK aloud.
func (n NIK) Parts() [3]string { return [3]string{n.Region, n.Date, n.Serial} }

// Last4 is the part that may stay readable in lists.
func (n NIK) Last4() string { return n.Serial }

// ParseNIK takes a NIK apart. The two digits of the year belong to the latest
// century in which the date does not lie after now: nobody is registered
// before birth, and a citizen over 99 has a record whose date decides anyway.
// The error joins every NIKFault found.
func ParseNIK(text string, now time.Time) (NIK, error) {
	if len(text) != 16 {
		err := fmt.Errorf("%w: %d characters, want 16", NIKLength, len(text))
		if !digits(text) {
			err = errors.Join(err, NIKDigits)
		}
		return NIK{}, err
	}
	if !digits(text) {
		return NIK{}, NIKDigits
	}
	n := NIK{Text: text, Region: text[:6], Date: text[6:12], Serial: text[12:], Sex: Male}
	var faults []error
	if n.Region[:2] == "00" || n.Region[2:4] == "00" || n.Region[4:] == "00" {
		faults = append(faults, fmt.Errorf("%w: %s", NIKRegion, n.Region))
	}
	day, month, year := two(n.Date[:2]), two(n.Date[2:4]), two(n.Date[4:])
	if day > 40 {
		n.Sex, day = Female, day-40
	}
	dayOK, monthOK := day >= 1 && day <= 31, month >= 1 && month <= 12
	if !dayOK {
		faults = append(faults, fmt.Errorf("%w: %s", NIKDay, n.Date[:2]))
	}
	if !monthOK {
		faults = append(faults, fmt.Errorf("%w: %s", NIKMonth, n.Date[2:4]))
	}
	if dayOK && monthOK {
		born, ok := birth(day, month, year, now)
		if !ok {
			faults = append(faults, fmt.Errorf("%w: %s", NIKDate, n.Date))
		}
		n.Born = born
	}
	if n.Serial == "0000" {
		faults = append(faults, NIKSerial)
	}
	return n, errors.Join(faults...)
}

// birth finds the latest century in which the date exists and is not after now.
func birth(day, month, year int, now time.Time) (time.Time, bool) {
	for century := now.Year() / 100; century > now.Year()/100-2; century-- {
		t := time.Date(century*100+year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if t.Day() == day && !t.After(now) {
			return t, true
		}
	}
	return time.Time{}, false
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func two(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// Regions is the reference data of administrative codes, loaded at run time.
type Regions interface {
	// Region names the kecamatan of a six-digit code. retired says that the
	// code is known but no longer in use.
	Region(code string) (name string, retired, known bool)
}

// RegionOf names a NIK's region. A region only ever warns: it never follows a
// change of domicile, and old codes stay valid. regions may be nil.
func RegionOf(n NIK, regions Regions) (name string, warnings []Warning) {
	if regions == nil {
		return "", nil
	}
	name, retired, known := regions.Region(n.Region)
	switch {
	case !known:
		return "", []Warning{RegionUnknown}
	case retired:
		return name, []Warning{RegionRetired}
	}
	return name, nil
}

// AgeOn is the age in completed years on the day of now. Somebody born on 29
// February grows older on 1 March of a common year.
func AgeOn(born, now time.Time) int {
	age := now.Year() - born.Year()
	if now.Month() < born.Month() || now.Month() == born.Month() && now.Day() < born.Day() {
		age--
	}
	return age
}
