// Kiosk is the counter application. Without a command it opens the officer's
// window; the commands are the same parts without one.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
)

const usage = `kiosk [flags]                 the officer's window (kiosk -h lists the flags)
kiosk selftest [flags]        what works on this PC, a line of JSON each
kiosk models list|get|check   face models
kiosk eval qr|faces           measure the code reader or the face matcher
kiosk eval duplicates         expect false alarms a day of the same face under another NIK
kiosk eval quality|liveness   measure pictures of faces, and what passes for a living head
kiosk token verify            verify a code from standard input
kiosk audit verify|show       verify or print the audit log of a data folder
kiosk backup|restore          copy the ledger to a second place, put it back as a new epoch
kiosk export|import           take unsent packets by USB stick, bring another counter's in
kiosk engine                  the child process of native face code
`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the program: it returns 0, 1 where something went wrong, 2 for wrong
// usage.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	two := strings.Join(args[:min(len(args), 2)], " ")
	rest := args[min(len(args), 2):]
	switch two {
	case "eval qr":
		return evalQR(rest, stdout, stderr)
	case "eval faces":
		return evalFaces(rest, stdout, stderr)
	case "eval duplicates":
		return evalDuplicates(rest, stdout, stderr)
	case "eval quality":
		return evalQuality(rest, stdout, stderr)
	case "eval liveness":
		return evalLiveness(rest, stdout, stderr)
	case "token verify":
		return tokenVerify(rest, stdin, stdout, stderr)
	case "audit verify":
		return auditVerify(rest, stdout, stderr)
	case "audit show":
		return auditShow(rest, stdout, stderr)
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "engine":
			return runEngine(args[1:])
		case "models":
			return runModels(args[1:], stdout, stderr)
		case "export":
			return runExport(args[1:], stdout, stderr)
		case "backup":
			return runBackup(args[1:], stdout, stderr)
		case "restore":
			return runRestore(args[1:], stdin, stdout, stderr)
		case "import":
			return runImport(args[1:], stdout, stderr)
		case "selftest":
			return selftest(args[1:], stdout, stderr)
		case "version":
			fmt.Fprintln(stdout, version())
			return 0
		case "help":
			fmt.Fprint(stdout, usage)
			return 0
		}
		fmt.Fprintf(stderr, "kiosk: no such command: %s\n%s", two, usage)
		return 2
	}
	o, err := parseOptions(args, os.Getenv, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "kiosk: %v\n", err)
		return 2
	}
	if err := window(o); err != nil {
		fmt.Fprintf(stderr, "kiosk: %v\n", err)
		return 1
	}
	return 0
}

// version is the module's, or the revision that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(len(s.Value), 12)]
		}
	}
	return info.Main.Version
}
