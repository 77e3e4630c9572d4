package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // a counter PC may have none

	"loket/app"
)

// options are what the window is started with. Each flag has a variable of the
// environment behind it, so that a site sets them once.
type options struct {
	Data       string
	Codes      string // camera for codes: number, path, address
	Faces      string
	Lang       app.Lang
	Look       app.Look
	Fullscreen bool
	Observe    string   // file that a line of JSON is appended to at every change; "" none
	Backup     string   // folder on another disk that the ledger is copied to; "" none
	Regions    string   // folder with the administrative codes; "" none
	Roster     []string // kecamatan whose records are taken along
	Zone       *time.Location
}

// parseOptions reads the window's flags.
func parseOptions(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	var o options
	env := func(name, otherwise string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return otherwise
	}
	flags := flag.NewFlagSet("kiosk", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.Data, "data", env("LOKET_DATA", dataFolder(getenv)), "folder of the ledger, the machine's secret and the log")
	flags.StringVar(&o.Codes, "codes-camera", env("LOKET_CODES_CAMERA", "0"), "camera for codes: a number, a path or an address")
	flags.StringVar(&o.Faces, "faces-camera", getenv("LOKET_FACES_CAMERA"), "camera for faces; by default the one for codes")
	lang := flags.String("lang", env("LOKET_LANG", string(app.Indonesian)), "language of the screens: id, en")
	look := flags.String("look", env("LOKET_LOOK", string(app.Light)), "colours: light, dark, contrast")
	flags.BoolVar(&o.Fullscreen, "fullscreen", getenv("LOKET_FULLSCREEN") != "", "fill the screen")
	flags.StringVar(&o.Observe, "observe", "", "append one line of JSON to this file at every change of the window (no personal data)")
	flags.StringVar(&o.Backup, "backup", getenv("LOKET_BACKUP"), "folder on another disk that the ledger is copied to every hour")
	flags.StringVar(&o.Regions, "regions", getenv("LOKET_REGIONS"), "folder with wilayah_*_level1-3.csv, to name the region of a NIK")
	roster := flags.String("roster", getenv("LOKET_ROSTER"), "kecamatan whose records to take along, for work without a line: 17.02.09,17.02.16")
	zone := flags.String("zone", getenv("LOKET_ZONE"), "time zone: Asia/Jakarta, Asia/Makassar, Asia/Jayapura; by default the PC's")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is no command and no flag", flags.Arg(0))
	}
	if o.Faces == "" {
		o.Faces = o.Codes
	}
	for _, area := range strings.Split(*roster, ",") {
		if area = strings.TrimSpace(area); area != "" {
			o.Roster = append(o.Roster, area)
		}
	}
	o.Lang, o.Look = app.Lang(*lang), app.Look(*look)
	if o.Lang != app.Indonesian && o.Lang != app.English {
		return o, fmt.Errorf("language %q: want id or en", *lang)
	}
	if o.Look != app.Light && o.Look != app.Dark && o.Look != app.HighContrast {
		return o, fmt.Errorf("look %q: want light, dark or contrast", *look)
	}
	var err error
	o.Zone, err = zoneOf(*zone, time.Local)
	return o, err
}

// zoneOf finds the counter's zone. A PC that is set to none of Indonesia's
// three offsets is taken to be in the west, where most counters are.
func zoneOf(name string, local *time.Location) (*time.Location, error) {
	if name != "" {
		return time.LoadLocation(name)
	}
	_, offset := time.Date(2026, 1, 1, 0, 0, 0, 0, local).Zone()
	switch offset {
	case 7 * 3600:
		return time.LoadLocation("Asia/Jakarta")
	case 8 * 3600:
		return time.LoadLocation("Asia/Makassar")
	case 9 * 3600:
		return time.LoadLocation("Asia/Jayapura")
	}
	return time.LoadLocation("Asia/Jakarta")
}

// dataFolder follows the XDG base directory specification.
func dataFolder(getenv func(string) string) string {
	if dir := getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "loket-ikd")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "loket-ikd"
	}
	return filepath.Join(home, ".local", "share", "loket-ikd")
}
