// Package activation holds the rules of the counter: what a NIK says, who may
// have an IKD, which stages a session goes through and what can be decided at
// its end. It is pure: no clock, no disk, no network; time and data come in,
// the next state comes out.
//
// The process is that of the public descriptions of IKD (installing and
// registering at home, verification face to face at the counter, activation by
// e-mail), none of whose three parts can be skipped.
package activation

// Stage is where a session stands. Stages follow each other in this order and
// none can be skipped.
type Stage string

const (
	StageReady   Stage = "ready"   // own phone, official app, e-mail opens, number active
	StageConsent Stage = "consent" // UU 27/2022 (PDP), recorded
	StageScan    Stage = "scan"
	StageCompare Stage = "compare"
	StageContact Stage = "contact" // the citizen confirms the masked e-mail and number
	StageFace    Stage = "face"
	StageDecide  Stage = "decide"
	StageDone    Stage = "done"
)

// Readiness is one thing the officer asks before the code is scanned.
type Readiness string

const (
	OwnPhone     Readiness = "own-phone"
	OfficialApp  Readiness = "official-app"
	EmailOpens   Readiness = "email-opens"
	NumberActive Readiness = "number-active"
)

// Decision is how a session ends.
type Decision string

const (
	Approve    Decision = "approve"
	Refuse     Decision = "refuse"
	Refer      Decision = "refer"
	Decline    Decision = "decline" // the citizen does not want to, or cannot
	Block      Decision = "block"
	Reactivate Decision = "reactivate"
	Cancel     Decision = "cancel" // a wrong approval, taken back
)

// Reason says why a session did not end with an approval.
type Reason string

const (
	NotRecorded      Reason = "BELUM_REKAM"
	Under17          Reason = "DI_BAWAH_17"
	NIKInactive      Reason = "NIK_TIDAK_AKTIF"
	DataProblem      Reason = "DATA_BERMASALAH"
	AlreadyActive    Reason = "SUDAH_AKTIF"
	Blocked          Reason = "DIBLOKIR"
	CodeInvalid      Reason = "KODE_TIDAK_SAH"
	FaceNoMatch      Reason = "WAJAH_TIDAK_COCOK"
	PhotoInadequate  Reason = "FOTO_TIDAK_MEMADAI"
	PhoneUnsupported Reason = "PONSEL_TIDAK_MENDUKUNG"
	EmailNotOpening  Reason = "EMAIL_TIDAK_TERBUKA"
	NotWanted        Reason = "TIDAK_INGIN"
	NotAble          Reason = "TIDAK_DAPAT"
	Suspected        Reason = "DICURIGAI"
)

// Sex is the record's.
type Sex string

const (
	Male   Sex = "L"
	Female Sex = "P"
)

// Field is one line of the comparison between record and KTP-el in hand.
type Field string

const (
	FieldName    Field = "name"
	FieldBorn    Field = "born"
	FieldSex     Field = "sex"
	FieldAddress Field = "address"
	FieldMarried Field = "married"
	FieldEmail   Field = "email"
	FieldPhone   Field = "phone"
)
