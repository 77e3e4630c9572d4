package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// regions are administrative codes by their six digits (kecamatan), four
// (kabupaten or kota) and two (province).
type regions map[string]region

type region struct {
	name    string
	retired bool
}

// Region implements activation.Regions: "Kabupaten Rejang Lebong, Kec. Curup".
func (r regions) Region(code string) (name string, retired, known bool) {
	k, ok := r[code]
	if !ok || len(code) != 6 {
		return "", false, false
	}
	name = "Kec. " + k.name
	if above, ok := r[code[:4]]; ok {
		name = above.name + ", " + name
	}
	return name, k.retired, true
}

// loadRegions reads the reference data of a folder: wilayah_*_level1-3.csv with
// the codes in use, and wilayah_history_level1-3.csv with those that were.
func loadRegions(dir string) (regions, error) {
	files, err := filepath.Glob(filepath.Join(dir, "wilayah_*_level1-3.csv"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no wilayah_*_level1-3.csv in %s", dir)
	}
	r := regions{}
	for _, history := range []bool{true, false} { // what is in use comes last and wins
		for _, name := range files {
			if strings.Contains(filepath.Base(name), "history") == history {
				if err := r.read(name, history); err != nil {
					return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
				}
			}
		}
	}
	return r, nil
}

func (r regions) read(name string, history bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in := csv.NewReader(f)
	head, err := in.Read()
	if err != nil {
		return err
	}
	code, label := column(head, "kode6"), column(head, "nama")
	if history {
		code, label = column(head, "kode"), column(head, "latest_name")
	}
	if code < 0 || label < 0 {
		return fmt.Errorf("columns %v", head)
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r[strings.ReplaceAll(row[code], ".", "")] = region{row[label], history}
	}
}

func column(head []string, name string) int {
	for i, h := range head {
		if h == name {
			return i
		}
	}
	return -1
}
