package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"

	"loket/sync/wire"
)

// theftPerson is a citizen each of whose data can be found again in any file.
type theftPerson struct {
	Record wire.Record
	Email  string
	Number string
	Probe  []byte // the live face
}

// theftPhoto is the size of a marked photo and of a face crop in bytes.
const theftPhoto = 6 << 10

// newTheftPerson draws the n-th: what is drawn is in nobody else.
func newTheftPerson(n int, r *rand.Rand) theftPerson {
	letters := func(count int, alphabet string) string {
		b := make([]byte, count)
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return string(b)
	}
	picture := func() []byte {
		b := make([]byte, theftPhoto)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	day := 1 + n%28
	return theftPerson{
		Record: wire.Record{NIK: fmt.Sprintf("170212%02d0592%04d", 40+day, 1000+n%9000), Name: "CONTOH " + letters(12, "ABCDEFGHIJKLMNOPRSTUWY"),
			Born: fmt.Sprintf("1992-05-%02d", day), Sex: "P", Address: "JL " + letters(12, "ABCDEFGHIJKLMNOPRSTUWY"), Kecamatan: "17.02.12", Recorded: true,
			NIKStatus: wire.NIKActive, IKD: wire.IKDNone, Photo: picture(), PhotoTaken: "2015-03-02", PhotoSource: "central"},
		Email: letters(12, "abcdefghijklmnoprstuwy") + "@contoh.id", Number: "+628" + letters(10, "0123456789"), Probe: picture(),
	}
}

// marks are what must not be found, by kind. Each is at least eight bytes long.
func (p theftPerson) marks() map[string][][]byte {
	text := func(s string) [][]byte { return [][]byte{[]byte(s)} }
	middle := func(b []byte) [][]byte { // at three places, so that a cut picture is found too
		return [][]byte{b[100:124], b[len(b)/2 : len(b)/2+24], b[len(b)-124 : len(b)-100]}
	}
	return map[string][][]byte{"nik": text(p.Record.NIK), "name": text(strings.TrimPrefix(p.Record.Name, "CONTOH ")),
		"address": text(strings.TrimPrefix(p.Record.Address, "JL ")), "email": text(strings.TrimSuffix(p.Email, "@contoh.id")),
		"number": text(p.Number[3:]), "photo": middle(p.Record.Photo), "probe": middle(p.Probe)}
}

// theftForms are the ways in which bytes may stand in a file. CBOR writes texts
// and bytes as they are, so it is clear that finds them; a number it writes in
// eight bytes.
func theftForms(kind string, mark []byte) map[string][]byte {
	forms := map[string][]byte{"clear": mark, "hex": []byte(hex.EncodeToString(mark)), "HEX": bytes.ToUpper([]byte(hex.EncodeToString(mark)))}
	for shift := range 3 { // base64 depends on where in the whole the mark begins
		whole := base64.StdEncoding.EncodeToString(append(make([]byte, shift), mark...))
		from, to := (shift*8+5)/6, (shift+len(mark))*8/6 // digits that are the mark's alone
		forms["base64+"+strconv.Itoa(shift)] = []byte(whole[from:to])
		forms["base64url+"+strconv.Itoa(shift)] = []byte(strings.NewReplacer("+", "-", "/", "_").Replace(whole[from:to]))
	}
	if kind == "photo" || kind == "probe" {
		return forms
	}
	for _, c := range utf16.Encode([]rune(string(mark))) {
		forms["utf-16le"] = binary.LittleEndian.AppendUint16(forms["utf-16le"], c)
		forms["utf-16be"] = binary.BigEndian.AppendUint16(forms["utf-16be"], c)
	}
	if n, err := strconv.ParseUint(string(mark), 10, 64); err == nil && kind == "nik" {
		forms["cbor number"] = binary.BigEndian.AppendUint64(nil, n)
		forms["number le"] = binary.LittleEndian.AppendUint64(nil, n)
		forms["bcd"], _ = hex.DecodeString(string(mark)) // 16 digits are 8 bytes
	}
	return forms
}

// theftSearch finds any of many patterns in one pass: by its first eight bytes,
// and those by 26 bits of a hash, of which few are set.
type theftSearch struct {
	set  []uint64
	head map[uint64][]theftPattern
}

type theftPattern struct {
	kind, form string
	bytes      []byte
}

func newTheftSearch(people []theftPerson) *theftSearch {
	s := &theftSearch{set: make([]uint64, 1<<20), head: map[uint64][]theftPattern{}}
	for _, p := range people {
		for kind, marks := range p.marks() {
			for _, mark := range marks {
				for form, b := range theftForms(kind, mark) {
					k := binary.LittleEndian.Uint64(b)
					s.head[k] = append(s.head[k], theftPattern{kind, form, b})
					s.set[slot(k)>>6] |= 1 << (slot(k) & 63)
				}
			}
		}
	}
	return s
}

// slot is 26 bits of a multiplicative hash.
func slot(k uint64) uint64 { return k * 0x9e3779b97f4a7c15 >> 38 }

// found counts what was found: kind, then form.
type found map[string]map[string]int

func (f found) sum() (n int) {
	for _, forms := range f {
		for _, count := range forms {
			n += count
		}
	}
	return n
}

// in searches bytes.
func (s *theftSearch) in(data []byte, f found) {
	for i := 0; i+8 <= len(data); i++ {
		k := binary.LittleEndian.Uint64(data[i:])
		if at := slot(k); s.set[at>>6]>>(at&63)&1 == 0 {
			continue
		}
		for _, p := range s.head[k] {
			if !bytes.HasPrefix(data[i:], p.bytes) {
				continue
			}
			if f[p.kind] == nil {
				f[p.kind] = map[string]int{}
			}
			f[p.kind][p.form]++
		}
	}
}

// theftScan is what a search of every file found.
type theftScan struct {
	Files int            `json:"files"`
	Bytes int64          `json:"bytes"`
	Found found          `json:"found"`              // kind of mark to form to count
	Where map[string]int `json:"in_files,omitempty"` // file to count
}

// folder searches every file under dir.
func (s *theftSearch) folder(dir string) (scan theftScan, err error) {
	scan = theftScan{Found: found{}, Where: map[string]int{}}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return s.file(path, name, &scan)
	})
	return scan, err
}

// file searches one file, name and all.
func (s *theftSearch) file(path, name string, scan *theftScan) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before := scan.Found.sum()
	s.in(data, scan.Found)
	s.in([]byte(name), scan.Found)
	scan.Files, scan.Bytes = scan.Files+1, scan.Bytes+int64(len(data))
	if n := scan.Found.sum() - before; n > 0 {
		scan.Where[name] += n
	}
	return nil
}
