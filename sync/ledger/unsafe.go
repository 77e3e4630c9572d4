package ledger

import (
	"context"
	"strings"
)

// OpenNotDurable opens as Open does, but with synchronous=NORMAL, under which
// acknowledged decisions vanish when the power goes, and asserts nothing. It is
// the control of cmd/trial's power cuts; a test holds that nobody else calls it.
func OpenNotDurable(ctx context.Context, path string, opts Options) (*Ledger, error) {
	return open(ctx, path, opts, connector{dsn: strings.Replace(dsnDurable, "FULL", "NORMAL", 1), unsafe: true})
}
