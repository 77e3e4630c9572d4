package activation

import "time"

// AdultAge is the age from which a citizen has a KTP-el and so may have an
// IKD; who is or was married may have one earlier (UU 24/2013 article 63).
const AdultAge = 17

// OldPhoto is the age of an enrolled photo from which the screen says so.
// Many were taken in 2011 and 2012, when KTP-el began.
const OldPhoto = 10 * 365 * 24 * time.Hour

// NIKStatus is what the registry says of a NIK.
type NIKStatus string

const (
	NIKActive  NIKStatus = "active"
	NIKOff     NIKStatus = "inactive" // moved abroad, died, or double
	NIKProblem NIKStatus = "problem"  // the record has to be put right first
)

// IKDStatus is what the registry says of the citizen's IKD.
type IKDStatus string

const (
	IKDNone    IKDStatus = "none"
	IKDActive  IKDStatus = "active" // on another phone
	IKDBlocked IKDStatus = "blocked"
)

// Record is the enrolled record as far as the rules need it.
type Record struct {
	NIK      string    `json:"nik"`
	Name     string    `json:"name"`
	Born     time.Time `json:"born"`
	Sex      Sex       `json:"sex"`
	Address  string    `json:"address"`
	Married  bool      `json:"married"`
	Recorded bool      `json:"recorded"` // fingerprints, iris and photo were taken
	Status   NIKStatus `json:"status"`
	IKD      IKDStatus `json:"ikd"`
	Taken    time.Time `json:"taken,omitzero"` // when the enrolled photo was taken; zero: not known
}

// Eligibility is what the record allows. Reason is "" where nothing stands
// against it. Reactivation is open to a blocked citizen, with a supervisor.
type Eligibility struct {
	Allowed  Decision  `json:"allowed,omitempty"` // Approve, Reactivate or ""
	Reason   Reason    `json:"reason,omitempty"`
	Age      int       `json:"age"`
	Warnings []Warning `json:"warnings,omitempty"`
}

// Eligible says what may be decided for the record, in the order in which a
// citizen can do something about it. The record's date of birth decides age.
func Eligible(r Record, now time.Time) Eligibility {
	e := Eligibility{Age: AgeOn(r.Born, now)}
	if n, err := ParseNIK(r.NIK, now); err == nil {
		if n.Date[2:] != r.Born.Format("0106") || two(n.Date[:2])%40 != r.Born.Day() {
			e.Warnings = append(e.Warnings, NIKBirth)
		}
		if n.Sex != r.Sex {
			e.Warnings = append(e.Warnings, NIKSex)
		}
	}
	if !r.Taken.IsZero() && now.Sub(r.Taken) > OldPhoto {
		e.Warnings = append(e.Warnings, PhotoOld)
	}
	switch {
	case r.Status == NIKOff:
		e.Reason = NIKInactive
	case r.Status != NIKActive:
		e.Reason = DataProblem
	case e.Age < AdultAge && !r.Married:
		e.Reason = Under17
	case !r.Recorded:
		e.Reason = NotRecorded
	case r.IKD == IKDActive:
		e.Reason = AlreadyActive
	case r.IKD == IKDBlocked:
		e.Allowed, e.Reason = Reactivate, Blocked
	default:
		e.Allowed = Approve
	}
	return e
}
