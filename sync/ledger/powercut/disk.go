package powercut

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Disk is the folder as the calls so far have made it: what is certain to
// outlive a power cut, and what may.
type Disk struct {
	Lying bool // takes no sync for one, as a disk without flush: a control

	rng     *rand.Rand // of what failed syncs leave
	files   map[uint32]*file
	names   map[string]*file   // as the program sees them
	kept    map[string]*file   // as the folder's last sync left them
	changed map[string][]*file // what each name has been since then; nil is nothing
}

// file is one inode: its synced bytes, and the calls since the last sync.
type file struct {
	synced  []byte
	pending []Op
}

// NewDisk is an empty folder. The seed decides what syncs that fail leave.
func NewDisk(seed uint64) *Disk {
	return &Disk{rng: rand.New(rand.NewPCG(seed, 1)), files: map[uint32]*file{}, names: map[string]*file{}, kept: map[string]*file{}, changed: map[string][]*file{}}
}

// Do applies one recorded call.
func (d *Disk) Do(op Op) error {
	if op.Failed != 0 && op.Kind != Sync { // a write that failed in part is recorded as what it wrote
		return nil
	}
	switch op.Kind {
	case Open:
		return d.open(string(op.Data), op)
	case Unlink:
		d.name(string(op.Data), nil)
		return nil
	case SyncDir:
		if !d.Lying {
			d.kept = make(map[string]*file, len(d.names))
			for n, f := range d.names {
				d.kept[n] = f
			}
			clear(d.changed)
		}
		return nil
	case Write, Truncate, Sync:
	default:
		return nil
	}
	f := d.files[op.File]
	if f == nil {
		return fmt.Errorf("call %q of a file that was never opened", op.Kind)
	}
	if op.Kind != Sync {
		f.pending = append(f.pending, op)
		return nil
	}
	if d.Lying {
		return nil
	}
	for _, p := range f.pending {
		// After a sync that failed, Linux takes the pages for clean: whatever was
		// not written then never will be, however often one syncs.
		if op.Failed == 0 || d.rng.IntN(2) == 0 {
			f.synced = apply(f.synced, p)
		}
	}
	f.pending = nil
	return nil
}

func (d *Disk) open(name string, op Op) error {
	f := d.names[name]
	if f == nil {
		if op.At != 0 {
			return fmt.Errorf("%s has %d bytes that nobody wrote", name, op.At)
		}
		f = &file{}
		d.name(name, f)
	}
	d.files[op.File] = f
	return nil
}

func (d *Disk) name(name string, f *file) {
	if f == nil {
		delete(d.names, name)
	} else {
		d.names[name] = f
	}
	d.changed[name] = append(d.changed[name], f)
}

// Manner is what becomes of what was not synced.
type Manner int

// The manners of a power cut.
const (
	Kept      Manner = iota // all of it is there: a program that was killed, not a disk
	Dropped                 // none of it
	Torn                    // all up to some call, and part of that one
	Reordered               // any of it, some of it torn
)

func (m Manner) String() string {
	return [...]string{"kept", "dropped", "torn", "reordered"}[m]
}

// Manners are all of them.
func Manners() []Manner { return []Manner{Kept, Dropped, Torn, Reordered} }

// Image is what is there after a power cut now: files by name. Its bytes are
// the caller's.
func (d *Disk) Image(m Manner, rng *rand.Rand) map[string][]byte {
	images := map[string][]byte{}
	made := map[*file][]byte{}
	for _, name := range d.everName() {
		f := d.named(name, m, rng)
		if f == nil || strings.HasSuffix(name, "-shm") {
			continue
		}
		if _, ok := made[f]; !ok {
			made[f] = f.image(m, rng)
		}
		images[name] = made[f]
	}
	return images
}

// everName lists the names that may be there, in order.
func (d *Disk) everName() []string {
	var all []string
	for n := range d.kept {
		all = append(all, n)
	}
	for n := range d.changed {
		all = append(all, n)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (d *Disk) named(name string, m Manner, rng *rand.Rand) *file {
	may := append([]*file{d.kept[name]}, d.changed[name]...)
	switch m {
	case Kept:
		return may[len(may)-1]
	case Dropped:
		return may[0]
	}
	return may[rng.IntN(len(may))]
}

func (f *file) image(m Manner, rng *rand.Rand) []byte {
	b := slices.Clone(f.synced)
	switch m {
	case Kept:
		for _, op := range f.pending {
			b = apply(b, op)
		}
	case Torn:
		if len(f.pending) == 0 {
			break
		}
		n := rng.IntN(len(f.pending))
		for _, op := range f.pending[:n] {
			b = apply(b, op)
		}
		b = tear(b, f.pending[n], rng)
	case Reordered:
		share := []float64{0.1, 0.5, 0.9}[rng.IntN(3)]
		for _, op := range f.pending {
			switch x := rng.Float64(); {
			case x < share*0.8:
				b = apply(b, op)
			case x < share:
				b = tear(b, op, rng)
			case x > 0.95: // the length was written, the bytes were not
				b = grow(b, op.At+int64(len(op.Data)))
			}
		}
	}
	return b
}

func apply(b []byte, op Op) []byte {
	if op.Kind == Truncate {
		if op.At < int64(len(b)) {
			return b[:op.At]
		}
		return grow(b, op.At)
	}
	b = grow(b, op.At+int64(len(op.Data)))
	copy(b[op.At:], op.Data)
	return b
}

// grow makes b at least n bytes long, with zeros.
func grow(b []byte, n int64) []byte {
	if n <= int64(len(b)) {
		return b
	}
	old := len(b)
	b = slices.Grow(b, int(n)-old)[:n]
	clear(b[old:])
	return b
}

// sector is what a disk writes at once, in bytes.
const sector = 512

// tear applies part of a write: some of its sectors, one of them only in part.
func tear(b []byte, op Op, rng *rand.Rand) []byte {
	if op.Kind == Truncate {
		return b
	}
	sectors := (len(op.Data) + sector - 1) / sector
	broken := rng.IntN(max(sectors, 1))
	for i := range sectors {
		if i != broken && rng.IntN(2) == 0 {
			continue
		}
		part := op
		part.At += int64(i * sector)
		part.Data = op.Data[i*sector : min((i+1)*sector, len(op.Data))]
		if i == broken {
			part.Data = part.Data[:rng.IntN(len(part.Data)+1)]
		}
		b = apply(b, part)
	}
	return b
}
