package powercut

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

//go:embed shim/recorder.c
var source []byte

// Environment of a recorded program.
const (
	envFolder = "LOKET_RECORD_DIR"
	envLog    = "LOKET_RECORD_LOG"
	envFail   = "LOKET_RECORD_FAIL"
)

// Recorder is the compiled library.
type Recorder struct{ library string }

// Build compiles the recorder into dir with cc.
func Build(ctx context.Context, dir string) (Recorder, error) {
	c, so := filepath.Join(dir, "recorder.c"), filepath.Join(dir, "recorder.so")
	if err := os.WriteFile(c, source, 0o600); err != nil {
		return Recorder{}, fmt.Errorf("build recorder: %w", err)
	}
	out, err := exec.CommandContext(ctx, "cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", so, c, "-ldl").CombinedOutput()
	if err != nil {
		return Recorder{}, fmt.Errorf("build recorder: %w: %s", err, out)
	}
	return Recorder{so}, nil
}

// Environ is env for a program whose calls below folder are written to log.
// Libraries in after are preloaded behind the recorder, which sees what they
// make of each call.
func (r Recorder) Environ(env []string, folder, log string, after ...string) []string {
	return append(env, envFolder+"="+folder, envLog+"="+log, "LD_PRELOAD="+strings.Join(append([]string{r.library}, after...), " "))
}

// FailSync is what to add to the environment so that the n-th sync of a file,
// counted from 1, fails.
func FailSync(n int) string { return envFail + "=" + strconv.Itoa(n) }

// Kind of an operation.
type Kind byte

// The kinds, as the recorder writes them.
const (
	Open     Kind = 'o' // Data: name in the folder; At: size that was found
	Write    Kind = 'w' // Data at byte At
	Truncate Kind = 't' // to At bytes
	Sync     Kind = 's'
	SyncDir  Kind = 'd'
	Unlink   Kind = 'u' // Data: name
	ReadErr  Kind = 'r' // a read that failed; others are not recorded
	Mark     Kind = 'm' // Data: what the program said
)

// Op is one recorded call.
type Op struct {
	Kind   Kind
	Failed byte // errno; 0 where the call succeeded
	File   uint32
	At     int64 // bytes
	Data   []byte
}

// headSize is that of struct head in shim/recorder.c.
const headSize = 20

// errLog says that a log is not the recorder's.
var errLog = errors.New("not a log of the recorder")

// Read reads a whole log.
func Read(path string) ([]Op, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	var ops []Op
	for {
		var h [headSize]byte
		if _, err := io.ReadFull(in, h[:]); errors.Is(err, io.EOF) {
			return ops, nil
		} else if err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
		op := Op{Kind: Kind(h[0]), Failed: h[1], File: binary.LittleEndian.Uint32(h[4:]), At: int64(binary.LittleEndian.Uint64(h[8:]))}
		if strings.IndexByte("owtsdurm", h[0]) < 0 {
			return nil, fmt.Errorf("%w: kind %q", errLog, h[0])
		}
		op.Data = make([]byte, binary.LittleEndian.Uint32(h[16:]))
		if _, err := io.ReadFull(in, op.Data); err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
		ops = append(ops, op)
	}
}

// Log is the log as the recorded program itself writes to it.
type Log struct{ f *os.File }

// OpenLog opens the log of the recorder round this process; ok is false where
// there is none.
func OpenLog() (l Log, ok bool, err error) {
	path := os.Getenv(envLog)
	if path == "" {
		return Log{}, false, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return Log{}, false, fmt.Errorf("open log: %w", err)
	}
	return Log{f}, true, nil
}

// Mark adds text to the log, after all calls that have returned.
func (l Log) Mark(text []byte) error { return l.add(Mark, text) }

// SyncedDir says that the program itself synced the folder, by Go's own call,
// which does not pass the recorder.
func (l Log) SyncedDir() error { return l.add(SyncDir, nil) }

func (l Log) add(k Kind, text []byte) error {
	b := make([]byte, headSize, headSize+len(text))
	b[0] = byte(k)
	binary.LittleEndian.PutUint32(b[16:], uint32(len(text)))
	_, err := l.f.Write(append(b, text...))
	return err
}

// Close closes the log.
func (l Log) Close() error { return l.f.Close() }
