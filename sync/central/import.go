package central

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"time"

	"loket/sync/wire"
)

// RecordColumns is the header of records.csv. A folder for import holds this
// file (UTF-8, comma-separated, RFC 4180) and photos/NIK.jpg for those with a
// photo. Dates are 2006-01-02, married and recorded are true or false,
// nik_status is active, inactive or problem, ikd is none, active or blocked,
// kecamatan is the code with dots ("17.02.12"), photo_source is free text
// ("central" where empty).
var RecordColumns = []string{"nik", "name", "birth_place", "born", "sex", "address", "kelurahan", "kecamatan",
	"married", "recorded", "nik_status", "ikd", "photo_taken", "photo_source"}

// Imported counts what an import brought.
type Imported struct {
	Records int `json:"records"`
	Photos  int `json:"photos"`
}

// maxPhoto is the greatest photo in bytes.
const maxPhoto = 2 << 20

var nikDigits = regexp.MustCompile(`^[0-9]{16}$`)

// ImportRecords takes the records of a folder in one transaction: all or none.
// A record that is here already gets the new contents; the state of its IKD
// stays what it was.
func (h *Home) ImportRecords(ctx context.Context, dir string) (Imported, error) {
	f, err := os.Open(filepath.Join(dir, "records.csv"))
	if err != nil {
		return Imported{}, fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.FieldsPerRecord = len(RecordColumns)
	head, err := in.Read()
	if err != nil {
		return Imported{}, fmt.Errorf("import: header: %w", err)
	}
	for i, want := range RecordColumns {
		if head[i] != want {
			return Imported{}, fmt.Errorf("import: column %d is %q, want %q", i+1, head[i], want)
		}
	}
	var n Imported
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		for line := 2; ; line++ {
			row, err := in.Read()
			if errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			r, err := readRecord(row, dir)
			if err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
			if err := h.putRecord(ctx, tx, r); err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
			n.Records++
			if r.Photo != nil {
				n.Photos++
			}
		}
	})
	if err != nil {
		return Imported{}, fmt.Errorf("import: %w", err)
	}
	return n, nil
}

func readRecord(row []string, dir string) (wire.Record, error) {
	r := wire.Record{NIK: row[0], Name: row[1], BirthPlace: row[2], Born: row[3], Sex: row[4], Address: row[5], Kelurahan: row[6],
		Kecamatan: row[7], NIKStatus: wire.NIKStatus(row[10]), IKD: wire.IKDStatus(row[11]), PhotoTaken: row[12], PhotoSource: row[13]}
	var errM, errR error
	r.Married, errM = strconv.ParseBool(row[8])
	r.Recorded, errR = strconv.ParseBool(row[9])
	_, errB := time.Parse(time.DateOnly, r.Born)
	var errT error
	if r.PhotoTaken != "" {
		_, errT = time.Parse(time.DateOnly, r.PhotoTaken)
	}
	switch {
	case !nikDigits.MatchString(r.NIK):
		return r, errors.New("nik: want 16 digits")
	case r.Name == "":
		return r, errors.New("name is empty")
	case errB != nil || errT != nil:
		return r, errors.New("born, photo_taken: want 2006-01-02")
	case r.Sex != "L" && r.Sex != "P":
		return r, errors.New("sex: want L or P")
	case errM != nil || errR != nil:
		return r, errors.New("married, recorded: want true or false")
	case r.NIKStatus != wire.NIKActive && r.NIKStatus != wire.NIKInactive && r.NIKStatus != wire.NIKProblem:
		return r, errors.New("nik_status: want active, inactive or problem")
	case r.IKD != wire.IKDNone && r.IKD != wire.IKDActive && r.IKD != wire.IKDBlocked:
		return r, errors.New("ikd: want none, active or blocked")
	}
	if r.PhotoSource == "" {
		r.PhotoSource = "central"
	}
	photo, err := os.ReadFile(filepath.Join(dir, "photos", r.NIK+".jpg"))
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	} else if err != nil {
		return r, err
	}
	if _, err := jpeg.DecodeConfig(bytes.NewReader(photo)); err != nil || len(photo) > maxPhoto {
		return r, fmt.Errorf("photo: want a JPEG of at most %d bytes", maxPhoto)
	}
	r.Photo = photo
	return r, nil
}

// putRecord writes a record that is new or says something else than before, and
// where its person has moved away from.
func (h *Home) putRecord(ctx context.Context, tx *sql.Tx, r wire.Record) error {
	old, known, err := h.record(ctx, tx, r.NIK)
	if err != nil {
		return err
	}
	if known {
		same := r
		same.IKD = old.IKD // stays what it was
		if reflect.DeepEqual(old, same) {
			return nil
		}
	}
	if known && (old.Kecamatan != r.Kecamatan || old.Kelurahan != r.Kelurahan) {
		_, err := tx.ExecContext(ctx, `INSERT INTO moves (nik, kecamatan, kelurahan, changed) VALUES ($1, $2, $3, `+changedNow+`)
			ON CONFLICT (nik, kecamatan, kelurahan) DO UPDATE SET changed = excluded.changed`, r.NIK, old.Kecamatan, old.Kelurahan)
		if err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO records (`+recordColumns+`, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, `+changedNow+`)
		ON CONFLICT (nik) DO UPDATE SET name = excluded.name, birth_place = excluded.birth_place, born = excluded.born,
		sex = excluded.sex, address = excluded.address, kelurahan = excluded.kelurahan, kecamatan = excluded.kecamatan,
		married = excluded.married, recorded = excluded.recorded, nik_status = excluded.nik_status,
		photo = excluded.photo, photo_taken = excluded.photo_taken, photo_source = excluded.photo_source, changed = excluded.changed`,
		r.NIK, r.Name, r.BirthPlace, r.Born, r.Sex, r.Address, r.Kelurahan, r.Kecamatan, r.Married, r.Recorded,
		string(r.NIKStatus), string(r.IKD), r.Photo, r.PhotoTaken, r.PhotoSource)
	return err
}
