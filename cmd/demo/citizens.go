package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"loket/camera/footage/people"
	"loket/sync/central"
)

// A citizen is one of the sample citizens: drawn, with a made-up name and a
// NIK whose region is real and whose serial is not.
type citizen struct {
	people.Person
	NIK, Name, Email, Number string
	Born                     time.Time
	Photo                    people.Person // whom the enrolled photo shows; the citizen, but for one
	Recorded, Married        bool
	IKD                      string // none, active, blocked
	Kecamatan, Kelurahan     string
}

// Places in people.All of those who come in the demo, and of those whose records
// are not like the others'.
const (
	placeServed      = 0 // comes first, and is activated
	placeLinkCut     = 9
	placeCounterCode = 11 // scans the counter's code instead of showing one
	placeOther       = 3  // the photo shows another person: the one at placeOtherPhoto
	placeOtherPhoto  = 15
	placeNotRecorded = 4
	placeUnder17     = 14
	placeBlocked     = 17
	placeElsewhere   = 20 // active on another phone
)

// names are given names, in the order of people.All; nobody is called Contoh.
var names = [...]string{
	"SRI", "BUDI", "SITI", "AGUS", "DEWI", "JOKO", "RINA", "HASAN", "MARYAM", "RUDI", "YULIA", "ANDI", "NURUL", "TONO",
	"PUTRI", "SLAMET", "LINA", "ROBERT", "AISYAH", "SURYA", "KARTINI", "IMAM", "FATIMAH", "YOHANES", "MEGA", "DIMAS", "RATNA", "BAYU",
}

// places are kecamatan of Kabupaten Rejang Lebong with a kelurahan each.
var places = [...]struct{ code, kelurahan string }{
	{"17.02.09", "Talang Benih"}, {"17.02.16", "Tunas Harapan"}, {"17.02.17", "Talang Ulu"},
	{"17.02.18", "Air Putih Lama"}, {"17.02.19", "Sidorejo"}, {"17.02.11", "Air Duku"},
}

// sampleCitizens are all sample citizens, as of a day.
func sampleCitizens(today time.Time) []citizen {
	all := people.All()
	citizens := make([]citizen, len(all))
	for i, p := range all {
		place := places[i%len(places)]
		c := citizen{
			Person: p, Photo: p, Name: names[i] + " CONTOH", Recorded: true, IKD: "none",
			Email:     strings.ToLower(names[i]) + ".contoh@contoh.id",
			Number:    fmt.Sprintf("0812%08d", 34560000+i*1117),
			Kecamatan: place.code, Kelurahan: place.kelurahan,
		}
		years := 18 + int(p.Age*50)
		switch i {
		case placeOther:
			c.Photo = all[placeOtherPhoto]
		case placeNotRecorded:
			c.Recorded = false
		case placeUnder17:
			years = 15
		case placeBlocked:
			c.IKD = "blocked"
		case placeElsewhere:
			c.IKD = "active"
		}
		c.Married = years > 24
		c.Born = time.Date(today.Year()-years, time.Month(1+i%9), 1+i, 0, 0, 0, 0, time.UTC)
		c.NIK = nik(c, i)
		citizens[i] = c
	}
	return citizens
}

// nik is region, date of birth (a woman's day plus 40) and serial.
func nik(c citizen, i int) string {
	day := c.Born.Day()
	if c.Sex == people.Female {
		day += 40
	}
	k := c.Kecamatan
	return fmt.Sprintf("%s%s%s%02d%02d%02d%04d", k[:2], k[3:5], k[6:], day, int(c.Born.Month()), c.Born.Year()%100, i+1)
}

// writeRecords makes the folder that `central records import` takes.
func writeRecords(dir string, citizens []citizen, today time.Time) (err error) {
	if err := os.MkdirAll(filepath.Join(dir, "photos"), 0o700); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "records.csv"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := csv.NewWriter(f)
	if err := out.Write(central.RecordColumns); err != nil {
		return err
	}
	taken := today.AddDate(-5, -8, -9).Format(time.DateOnly)
	for _, c := range citizens {
		row := []string{
			c.NIK, c.Name, "Curup", c.Born.Format(time.DateOnly), string(c.Sex), "Jl. Contoh No. " + strconv.Itoa(c.Born.Day()), c.Kelurahan, c.Kecamatan,
			strconv.FormatBool(c.Married), strconv.FormatBool(c.Recorded), "active", c.IKD, taken, "central",
		}
		if !c.Recorded {
			row[12] = ""
		} else if err := writeJPEG(filepath.Join(dir, "photos", c.NIK+".jpg"), c.Photo.Portrait()); err != nil {
			return err
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func writeJPEG(name string, img image.Image) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return jpeg.Encode(f, img, &jpeg.Options{Quality: 90})
}

// wave goes round once for t from 0 to 1.
func wave(t float64) float64 { return math.Sin(2 * math.Pi * t) }
