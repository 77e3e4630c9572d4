// Command central is the central server and its administration.
//
//	central init    --data DIR
//	central officers add --data DIR --id ID --name NAME --office CODE [--role officer|supervisor|administrator]
//	central devices code --data DIR --office CODE --counter NAME [--address https://HOST:PORT]
//	central devices revoke --data DIR --id DEVICE
//	central records import --data DIR FOLDER
//	central import  --data DIR FILE
//	central recover --data DIR --key FILE [--settle]
//	central export  --data DIR --nik NIK --officer ID --to FOLDER
//	central issuers add --data DIR --issuer NAME FILE
//	central policy set --data DIR FILE
//	central policy show --data DIR
//	central alarms  --data DIR [--json]
//	central alarms seen --data DIR --device ID --officer ID
//	central rows    --data DIR [--json]
//	central serve   --data DIR --counters ADDR --phones ADDR --smtp HOST:PORT --from ADDRESS
//
// Everything but serve may run while serve does. Without --json, answers are
// lines of "name value".
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"loket/sync/central"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// errUsage is a command line that can't be understood.
var errUsage = errors.New("usage")

// command is one subcommand: it defines its flags, and runs with what is left.
type command struct {
	name string
	args string
	what string
	run  func(ctx context.Context, c *call) error
}

// call is one run of a command.
type call struct {
	flags  *flag.FlagSet
	args   []string
	data   string
	json   bool
	stdout io.Writer
	stderr io.Writer
}

var commands = []command{
	{"init", "--data DIR", "make keys, database and the first administrator", initialise},
	{"officers add", "--data DIR --id ID --name NAME --office CODE [--role ROLE]", "add an officer; prints the first password", addOfficer},
	{"devices code", "--data DIR --office CODE --counter NAME [--address URL]", "make a code that enrols one counter PC within 24 hours", deviceCode},
	{"devices revoke", "--data DIR --id DEVICE", "refuse a device from now on", revokeDevice},
	{"records import", "--data DIR FOLDER", "take in records.csv and photos/NIK.jpg", importRecords},
	{"import", "--data DIR FILE", "take in a bundle that a counter wrote to a USB stick", importBundle},
	{"recover", "--data DIR --key FILE [--settle]", "open every packet with the recovery key: a drill, or in earnest", recoverPackets},
	{"export", "--data DIR --nik NIK --officer ID --to FOLDER", "answer a citizen's access request: all that is kept about a person", exportSubject},
	{"issuers add", "--data DIR --issuer NAME FILE", "trust an issuer of bare claim-169 cards (a public key); policy says whether cards are taken", addIssuer},
	{"policy set", "--data DIR FILE", "sign a policy (JSON) as the one in force", setPolicy},
	{"policy show", "--data DIR", "print the policy in force", showPolicy},
	{"alarms seen", "--data DIR --device ID --officer ID", "write down who has looked into a counter's alarms", seeAlarms},
	{"alarms", "--data DIR [--json]", "list audit logs that do not continue what central holds: cut, changed, copied", alarms},
	{"rows", "--data DIR [--json]", "count what the database holds, without personal data", rows},
	{"serve", "--data DIR --counters ADDR --phones ADDR --smtp HOST:PORT --from ADDRESS", "answer counters and phones", serve},
}

// run finds the command and gives the exit status: 0, 1 for what went wrong, 2
// for usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	for _, c := range commands {
		words := strings.Fields(c.name)
		if len(args) < len(words) || !slices.Equal(args[:len(words)], words) {
			continue
		}
		k := &call{flags: flag.NewFlagSet("central "+c.name, flag.ContinueOnError), args: args[len(words):], stdout: stdout, stderr: stderr}
		k.flags.SetOutput(stderr)
		k.flags.Usage = func() {
			fmt.Fprintf(stderr, "central %s %s\n  %s\n", c.name, c.args, c.what)
			k.flags.PrintDefaults()
		}
		k.flags.StringVar(&k.data, "data", "", "central's data `directory`")
		k.flags.BoolVar(&k.json, "json", false, "answer as one JSON object")
		err := c.run(ctx, k)
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			fmt.Fprintf(stderr, "central %s: %v\n", c.name, err)
			return 2
		}
		fmt.Fprintf(stderr, "central %s: %v\n", c.name, err)
		return 1
	}
	fmt.Fprintln(stderr, "central is the central server of Loket IKD. Commands:")
	for _, c := range commands {
		fmt.Fprintf(stderr, "  central %s %s\n      %s\n", c.name, c.args, c.what)
	}
	return 2
}

// parse reads the flags and checks how many other arguments there are.
func (k *call) parse(others int, required ...string) error {
	if err := k.flags.Parse(k.args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	for _, name := range append([]string{"data"}, required...) {
		if k.flags.Lookup(name).Value.String() == "" {
			return fmt.Errorf("%w: --%s is missing", errUsage, name)
		}
	}
	if k.flags.NArg() != others {
		return fmt.Errorf("%w: %d arguments beside flags, want %d", errUsage, k.flags.NArg(), others)
	}
	return nil
}

// with parses as parse does and runs f on the data directory.
func (k *call) with(ctx context.Context, others int, required []string, f func(h *central.Home) error) error {
	if err := k.parse(others, required...); err != nil {
		return err
	}
	h, err := central.OpenHome(ctx, k.data, time.Now)
	if err != nil {
		return err
	}
	return errors.Join(f(h), h.Close())
}
