package token

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Card is what a claim-169 card says (version 1.2.0), for people to look at. No
// phone proved that it is its holder's: whoever has a copy can show it.
type Card struct {
	Issuer, Subject            string
	Issued, NotBefore, Expires time.Time // zero where missing
	Attributes                 []Attribute
	Photo                      *Photo      // the photograph, else the first face among the biometrics; nil for none
	Biometrics                 []Biometric // what there is, by position; templates are never compared here
}

// Attribute is one line of a card. Numbers that the specification does not
// assign are kept: Name is empty then.
type Attribute struct {
	Number int64  // 1 to 23, or unassigned; 0 where the label is a text
	Name   string // as MOSIP's libraries print it: "fullName"; "" for unknown ones
	Label  string // of unknown ones, as it stands
	Value  string // for people; dates as YYYY-MM-DD where they are dates
	Word   string // the meaning of a coded value: "female", "married"; "" where there is none
}

// Biometric is one sample: which part of the body, and in which form.
type Biometric struct {
	Name   string // "rightThumb", "face"
	Format string // image, template, sound, biohash; "" unknown
	Sub    string // PNG, ISO19794-2, …; "" unknown or the vendor's own
	Issuer string
	Data   []byte
}

var words169 = map[int64]map[int64]string{
	9:  {1: "male", 2: "female", 3: "others"},
	14: {1: "unmarried", 2: "married", 3: "divorced"},
	17: {1: "JPEG", 2: "JPEG2000", 3: "AVIF", 4: "WEBP"},
}

// fingers are the positions of attribute 18.
var fingers = []string{"unknown", "right-thumb", "right-pointer", "right-middle", "right-ring", "right-little",
	"left-thumb", "left-pointer", "left-middle", "left-ring", "left-little"}

var (
	formats    = []string{"image", "template", "sound", "biohash"}
	subFormats = map[int64][]string{
		0: {"PNG", "JPEG", "JPEG2000", "AVIF", "WEBP", "TIFF", "WSQ"},
		1: {"ANSI378", "ISO19794-2", "NIST"},
		2: {"WAV", "MP3"},
	}
)

// Text gives the value of an attribute by its name, "" where it is missing.
func (c *Card) Text(name string) string {
	for _, a := range c.Attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// Unknown are the attributes that the specification does not assign.
func (c *Card) Unknown() []Attribute {
	var out []Attribute
	for _, a := range c.Attributes {
		if a.Name == "" {
			out = append(out, a)
		}
	}
	return out
}

// Born is the date of birth, from YYYYMMDD or YYYY-MM-DD; false where it is
// missing or no date.
func (c *Card) Born() (time.Time, bool) { return birthDate(c.Text("dateOfBirth")) }

// birthDate reads both forms: the specification's table says YYYYMMDD, its
// example has YYYY-MM-DD.
func birthDate(text string) (time.Time, bool) {
	for _, form := range []string{"20060102", time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil && len(text) == len(form) {
			return at, true
		}
	}
	return time.Time{}, false
}

// card reads the claims for people. identity has checked their types.
func (c cwt) card() *Card {
	out := &Card{Issued: c.issued, NotBefore: c.notBefore, Expires: c.expires}
	out.Issuer, _ = c.claims[int64(1)].(string)
	out.Subject, _ = c.claims[int64(2)].(string)
	id, _ := c.claims[int64(169)].(map[any]any)
	var photo Photo
	for label, value := range id {
		n, isNumber := label.(int64)
		a, known := attributes169[n]
		switch {
		case !isNumber || !known:
			out.Attributes = append(out.Attributes, Attribute{Number: n, Label: labelText(label), Value: show(value)})
		case a.kind == biometric:
			out.Biometrics = append(out.Biometrics, biometrics(a.name, value)...)
		case n == 16:
			photo.Data = photoBytes(value)
		default:
			line := Attribute{Number: n, Name: a.name, Value: show(value), Word: word(n, value)}
			if at, ok := birthDate(line.Value); ok && n == 8 {
				line.Value = at.Format(time.DateOnly)
			}
			if n == 17 {
				photo.Declared = line.Word
			}
			out.Attributes = append(out.Attributes, line)
		}
	}
	slices.SortFunc(out.Attributes, func(a, b Attribute) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), strings.Compare(a.Label, b.Label))
	})
	slices.SortStableFunc(out.Biometrics, func(a, b Biometric) int { return cmp.Compare(numberOf(a.Name), numberOf(b.Name)) })
	if photo.Data == nil {
		for _, b := range out.Biometrics {
			if b.Name == "face" && b.Format == "image" && len(b.Data) > 0 {
				photo = Photo{Data: b.Data, Declared: b.Sub}
				break
			}
		}
	}
	if photo.Data != nil {
		out.Photo = &photo
	}
	return out
}

// numberOf is the number of an attribute's name.
func numberOf(name string) int64 {
	for n, a := range attributes169 {
		if a.name == name {
			return n
		}
	}
	return 0
}

// word is the meaning of a coded value.
func word(attribute int64, value any) string {
	if list, ok := value.([]any); ok && attribute == 18 {
		var out []string
		for _, item := range list {
			out = append(out, pick(fingers, item))
		}
		return strings.Join(out, " ")
	}
	n, err := strconv.ParseInt(show(value), 10, 64)
	if err != nil {
		return ""
	}
	return words169[attribute][n]
}

// pick is the word at a position that a card gives, "" where it has none.
func pick(words []string, at any) string {
	if n, ok := at.(int64); ok && n >= 0 && n < int64(len(words)) {
		return words[n]
	}
	return ""
}

func biometrics(name string, value any) []Biometric {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var out []Biometric
	for _, item := range list {
		parts, _ := item.(map[any]any)
		b := Biometric{Name: name, Format: pick(formats, parts[int64(1)])}
		if format, ok := parts[int64(1)].(int64); ok {
			b.Sub = pick(subFormats[format], parts[int64(2)])
		}
		b.Data = photoBytes(parts[int64(0)])
		b.Issuer, _ = parts[int64(3)].(string)
		out = append(out, b)
	}
	return out
}

// show writes a decoded value as one line; control characters, but for the
// address's line ends, become spaces.
func show(value any) string {
	switch v := value.(type) {
	case string:
		return strings.Map(func(r rune) rune {
			if r < 0x20 && r != '\n' || r == 0x7f {
				return ' '
			}
			return r
		}, v)
	case []byte:
		return strconv.Itoa(len(v)) + " B"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case nil:
		return ""
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = show(v[i])
		}
		return strings.Join(parts, ", ")
	case map[any]any:
		parts := make([]string, 0, len(v))
		for label, value := range v {
			parts = append(parts, labelText(label)+": "+show(value))
		}
		slices.Sort(parts)
		return strings.Join(parts, ", ")
	}
	return show(plain(value))
}
