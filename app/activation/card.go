package activation

import "time"

// Card is what a bare claim-169 card says of its holder, for the officer to read
// beside the person. An issuer of the trust list has signed it; whoever has a
// copy can show it, so it proves no phone and stands in for no record.
type Card struct {
	NIK                        string          `json:"nik,omitempty"` // the card's id, where it is a NIK
	Issuer                     string          `json:"issuer,omitempty"`
	Subject                    string          `json:"subject,omitempty"`
	Issued, NotBefore, Expires time.Time       // zero where the card has none
	Attributes                 []CardAttribute `json:"attributes,omitempty"`
	Photo                      []byte          `json:"photo,omitempty"`    // JPEG, for the screen; nil where there is none to show
	NotShown                   string          `json:"notShown,omitempty"` // the format of a photo that can't be shown; "?" for an unknown one
}

// CardAttribute is one line of a card. One that the specification does not know
// has no Name: Label is then its number or name as the card has it.
type CardAttribute struct {
	Name  string `json:"name,omitempty"`  // "fullName", as MOSIP's libraries print it
	Label string `json:"label,omitempty"` // of unknown ones
	Value string `json:"value"`           // dates as YYYY-MM-DD
	Word  string `json:"word,omitempty"`  // meaning of a coded value: "female"; several parted by spaces
	Size  int    `json:"size,omitempty"`  // bytes of a biometric sample, which itself stays out of here
}
