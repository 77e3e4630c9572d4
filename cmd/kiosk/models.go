package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"text/tabwriter"
	"time"

	"loket/assets/models"
)

// runModels is `kiosk models list|check|get`.
// It returns 0, 1 where a file is missing, wrong or can't be had, 2 for wrong usage.
func runModels(args []string, stdout, stderr io.Writer) int {
	usage := func() int {
		fmt.Fprintln(stderr, `usage: kiosk models list                            every network that is described
       kiosk models check [NAME…]                   every file: found, missing, truncated or wrong
       kiosk models get [--from FOLDER] [NAME…]     bring files from a folder or the official addresses`)
		return 2
	}
	if len(args) == 0 {
		return usage()
	}
	library := models.New(models.Folders(os.Getenv)...)
	all, err := library.Descriptions()
	if err != nil {
		fmt.Fprintln(stderr, "kiosk models:", err)
		if all == nil {
			return 1
		}
	}
	flags := flag.NewFlagSet("kiosk models "+args[0], flag.ContinueOnError)
	flags.SetOutput(stderr)
	from := ""
	if args[0] == "get" {
		flags.StringVar(&from, "from", "", "a folder or USB stick to copy from")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return 2
	}
	chosen, err := named(all, flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, "kiosk models:", err)
		return 2
	}
	switch args[0] {
	case "list":
		return listModels(library, chosen, stdout)
	case "check":
		return checkModels(library, chosen, len(flags.Args()) > 0, stdout)
	case "get":
		return getModels(library, chosen, from, stdout, stderr)
	}
	return usage()
}

func named(all []models.Description, names []string) ([]models.Description, error) {
	if len(names) == 0 {
		return all, nil
	}
	var some []models.Description
	for _, name := range names {
		found := false
		for _, d := range all {
			if d.Name == name {
				some, found = append(some, d), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no model is called %q", name)
		}
	}
	return some, nil
}

// listModels prints a line for each network: whether it is installed, and what its thresholds were measured on.
func listModels(library *models.Library, all []models.Description, stdout io.Writer) int {
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tKIND\tENGINE\tINSTALLED\tTHRESHOLDS\tLICENCE")
	for _, d := range all {
		installed, thresholds := "no", "-"
		if _, err := library.Find(d); err == nil {
			installed = "yes"
		}
		if d.Kind == models.Matcher {
			thresholds = "not measured"
			if t := d.Thresholds(); t.Measured {
				thresholds = fmt.Sprintf("match %.3f, doubtful %.3f (%s)", t.Match, t.Doubtful, t.Data)
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", d.Name, d.Kind, d.Engine, installed, thresholds, d.Files[0].Licence)
	}
	if err := w.Flush(); err != nil {
		return 1
	}
	return 0
}

// checkModels prints a line for each file. Without names a network of which nothing is there is no fault, a wrong or
// truncated file always is; with names each must be complete.
func checkModels(library *models.Library, all []models.Description, strict bool, stdout io.Writer) int {
	code := 0
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, d := range all {
		for _, s := range library.Check(d) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", d.Name, s.File.Name, s.State, s.Path)
			if s.State == models.Wrong || s.State == models.Truncated {
				code = 1
			}
		}
		if _, err := library.Find(d); err != nil && strict {
			code = 1
		}
	}
	if err := w.Flush(); err != nil {
		return 1
	}
	return code
}

// getModels brings what is lacking of each network. Of files that can stand for each other one is enough.
func getModels(library *models.Library, all []models.Description, from string, stdout, stderr io.Writer) int {
	folder := models.Data(os.Getenv)
	if folder == "" {
		fmt.Fprintln(stderr, "kiosk models get: no home folder; set XDG_DATA_HOME")
		return 1
	}
	code := 0
	for _, d := range all {
		have, faults := map[string]bool{}, map[string]error{}
		for _, s := range library.Check(d) {
			if s.State == models.Found {
				have[s.File.Role] = true
			}
		}
		for _, f := range d.Files {
			if have[f.Role] {
				continue
			}
			if err := getFile(d, f, from, folder, stderr); err != nil {
				faults[f.Role] = errors.Join(faults[f.Role], err)
				continue
			}
			have[f.Role] = true
			fmt.Fprintf(stdout, "%s: %s\n", d.Name, f.Name)
		}
		for role, err := range faults {
			if have[role] {
				continue
			}
			fmt.Fprintf(stderr, "%s: %v\n", d.Name, err)
			code = 1
		}
	}
	return code
}

func getFile(d models.Description, f models.File, from, folder string, stderr io.Writer) error {
	if from != "" {
		return models.CopyFrom(d, f, from, folder)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: 30 * time.Second}}
	shown := time.Time{}
	return models.Download(context.Background(), client, d, f, folder, func(name string, done, total int64) {
		if time.Since(shown) < time.Second {
			return
		}
		shown = time.Now()
		if total > 0 {
			fmt.Fprintf(stderr, "%s: %d %%\n", name, 100*done/total)
		} else {
			fmt.Fprintf(stderr, "%s: %d KiB\n", name, done/1024)
		}
	})
}
