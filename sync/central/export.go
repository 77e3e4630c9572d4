package central

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"loket/sync/wire"
)

// WriteRecords writes a folder that ImportRecords takes: records.csv and
// photos/NIK.jpg.
func WriteRecords(dir string, records []wire.Record) error {
	if err := os.MkdirAll(filepath.Join(dir, "photos"), 0o700); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "records.csv"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	defer f.Close()
	out := csv.NewWriter(f)
	rows := [][]string{RecordColumns}
	for _, r := range records {
		rows = append(rows, []string{r.NIK, r.Name, r.BirthPlace, r.Born, r.Sex, r.Address, r.Kelurahan, r.Kecamatan,
			strconv.FormatBool(r.Married), strconv.FormatBool(r.Recorded), string(r.NIKStatus), string(r.IKD), r.PhotoTaken, r.PhotoSource})
		if r.Photo == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, "photos", r.NIK+".jpg"), r.Photo, 0o600); err != nil {
			return fmt.Errorf("write records: %w", err)
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	return f.Close()
}
