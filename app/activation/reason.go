package activation

import "slices"

// Step is one thing the citizen does next, as a code whose words are the
// screens' and the slip's.
type Step string

const (
	StepRecord      Step = "rekam-ktp-el"       // perekaman KTP-el at the UPTD or kelurahan of domicile
	StepAt17        Step = "datang-usia-17"     // from 17, or once married; until then KIA
	StepRegistry    Step = "urus-status-nik"    // the office puts the NIK's status right
	StepFixData     Step = "perbaiki-data"      // bring what proves the right data
	StepOldPhone    Step = "pakai-ponsel-lama"  // the IKD on the other phone goes on; lost: ask for a block
	StepSupervisor  Step = "temui-penyelia"     // reactivation with a supervisor
	StepOpenApp     Step = "buka-kode-di-app"   // a fresh code from the official app, not a picture
	StepRetryLight  Step = "ulang-wajah"        // again, better light
	StepNewPhoto    Step = "ganti-foto-ktp-el"  // renew the enrolled photo
	StepOtherPhone  Step = "ponsel-lain"        // own phone that runs the app
	StepFixEmail    Step = "buka-email"         // an e-mail that opens on this phone
	StepKeepCard    Step = "ktp-el-tetap"       // the KTP-el stays valid; come back any time
	StepWait        Step = "tunggu-pemeriksaan" // the office looks into it
	StepCheckEmail  Step = "cek-email"          // code and link arrive by e-mail
	StepEnterCode   Step = "isi-kode-captcha"   // code and captcha in the app
	StepMakePIN     Step = "buat-pin"           // choose a PIN; nobody ever asks for it
	StepBringKK     Step = "bawa-kk"            // copy of the KK
	StepBringBirth  Step = "bawa-akta"          // birth certificate, school certificate
	StepFree        Step = "gratis"             // all of this is free
	StepCallToBlock Step = "ponsel-hilang"      // phone lost: have the IKD blocked
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{NotRecorded, Under17, NIKInactive, DataProblem, AlreadyActive, Blocked, CodeInvalid, FaceNoMatch,
		PhotoInadequate, PhoneUnsupported, EmailNotOpening, NotWanted, NotAble, Suspected}
}

// ReasonsFor lists the reasons that may stand under a decision.
func ReasonsFor(d Decision) []Reason {
	switch d {
	case Refuse:
		return []Reason{CodeInvalid, FaceNoMatch, AlreadyActive, Suspected}
	case Refer:
		return []Reason{NotRecorded, Under17, NIKInactive, DataProblem, AlreadyActive, Blocked, FaceNoMatch, PhotoInadequate}
	case Decline:
		return []Reason{NotWanted, NotAble, PhoneUnsupported, EmailNotOpening}
	case Block:
		return []Reason{Suspected, NotWanted}
	case Reactivate:
		return []Reason{Blocked}
	}
	return nil
}

// DecisionFor is the decision that a reason usually goes with.
func DecisionFor(r Reason) Decision {
	for _, d := range []Decision{Refer, Decline, Refuse} {
		if slices.Contains(ReasonsFor(d), r) && !(d == Refer && r == FaceNoMatch) {
			return d
		}
	}
	return Refuse
}

// NextStep is the one thing that leads on from a reason; "" is no reason's.
func NextStep(r Reason) Step {
	if slip := SlipFor(Refer, r); len(slip) > 0 {
		return slip[0]
	}
	return ""
}

// SlipFor lists what the citizen's slip says, most important first. Every slip
// ends with what holds for all: the KTP-el stays valid, and it is free.
func SlipFor(d Decision, r Reason) []Step {
	var steps []Step
	switch {
	case d == Approve, d == Reactivate:
		steps = []Step{StepCheckEmail, StepEnterCode, StepMakePIN, StepCallToBlock}
	case r == NotRecorded:
		steps = []Step{StepRecord, StepBringKK, StepBringBirth}
	case r == Under17:
		steps = []Step{StepAt17}
	case r == NIKInactive:
		steps = []Step{StepRegistry, StepBringKK}
	case r == DataProblem:
		steps = []Step{StepFixData, StepBringKK}
	case r == AlreadyActive:
		steps = []Step{StepOldPhone, StepCallToBlock}
	case r == Blocked:
		steps = []Step{StepSupervisor}
	case r == CodeInvalid:
		steps = []Step{StepOpenApp}
	case r == FaceNoMatch:
		steps = []Step{StepWait}
	case r == PhotoInadequate:
		steps = []Step{StepNewPhoto, StepBringKK}
	case r == PhoneUnsupported:
		steps = []Step{StepOtherPhone}
	case r == EmailNotOpening:
		steps = []Step{StepFixEmail}
	case r == NotWanted, r == NotAble:
		return []Step{StepKeepCard, StepFree}
	case r == Suspected:
		steps = []Step{StepWait}
	default:
		return nil
	}
	return append(steps, StepKeepCard, StepFree)
}
