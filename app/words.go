package app

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"time"

	"loket/app/activation"
	"loket/assets"
)

// words turns codes into what people read, in one language. Keys are grouped by
// their first part; a code of a View is looked up under the group of the place
// it stands in:
//
//	notice.CODE  and notice.CODE.next     Notice
//	busy.CODE                             Busy
//	line.CODE, line.CODE.bad              Line.Code; .bad where it is not well
//	detail.CODE                           Line.Detail
//	hint.CODE                             Scan.Hint
//	sentence.CODE                         FaceView.Sentence
//	decision.CODE  reason.CODE  reason.CODE.next
//	state.CODE  cause.CODE  action.CODE   QueueItem
//	link.STATE                            Link
//	setup.CODE                            Setup.Fault
//	means.CODE                            a Line.Detail in full, for kiosk selftest
//
// {0}, {1} … are replaced by arguments.
type words struct{ lang Lang }

// table is read from assets once; a broken file is a bug that every test sees.
var table = sync.OnceValue(func() map[string][2]string {
	t := map[string][2]string{}
	files, _ := fs.Glob(assets.Words, "words/*.tsv")
	for _, name := range files {
		data, err := assets.Words.ReadFile(name)
		if err != nil {
			panic(err) // embedded: cannot be
		}
		for n, line := range strings.Split(string(data), "\n") {
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			part := strings.Split(line, "\t")
			if len(part) != 3 {
				panic(fmt.Sprintf("%s:%d: want key, Indonesian, English parted by tabs", name, n+1))
			}
			if _, twice := t[part[0]]; twice {
				panic(fmt.Sprintf("%s:%d: %s stands there already", name, n+1, part[0]))
			}
			t[part[0]] = [2]string{part[1], part[2]}
		}
	}
	return t
})

// HasWords reports whether the key ("notice.camera-none", "line.signature", …)
// has words in both languages; a notice and a reason need their next step too.
// Whoever emits codes tests them with it.
func HasWords(key string) bool {
	w := table()[key]
	ok := w[0] != "" && w[1] != ""
	if strings.HasPrefix(key, "notice.") || strings.HasPrefix(key, "reason.") {
		if !strings.HasSuffix(key, ".next") && !strings.HasSuffix(key, ".short") {
			ok = ok && HasWords(key+".next")
		}
	}
	return ok
}

// Words are a key's, for programs that speak without a window; "" where it has
// none.
func Words(key string) (indonesian, english string) {
	w := table()[key]
	return w[0], w[1]
}

// say returns the words of a key. One that has none shows itself as ‹key›, so
// that it is seen, by people and by the test that looks for ‹.
func (w words) say(key string, args ...any) string {
	pair, ok := table()[key]
	s := pair[0]
	if w.lang == English {
		s = pair[1]
	}
	if !ok || s == "" {
		return "‹" + key + "›"
	}
	for i, a := range args {
		s = strings.ReplaceAll(s, "{"+strconv.Itoa(i)+"}", w.arg(a))
	}
	return s
}

// line says a check: where it is not well and there are words for that
// (line.CODE.bad), those.
func (w words) line(l Line) string {
	key := "line." + l.Code
	if _, ok := table()[key+".bad"]; ok && (l.State == LineBad || l.State == LineWarn) {
		key += ".bad"
	}
	return w.say(key, l.Args...)
}

// cause says why an item waits or was refused. Central may be newer than this
// program: a reason that is unknown here is shown as it came.
func (w words) cause(code string) string {
	for _, group := range []string{"cause.", "reason."} {
		if _, ok := table()[group+code]; ok {
			return w.say(group + code)
		}
	}
	return code
}

// next says what follows for an item that central has answered. Its sentence is
// Indonesian; English says what is known of its cause, or else of its state.
func (w words) next(i QueueItem) string {
	if w.lang == English {
		for _, key := range []string{"next." + i.Cause, "reason." + i.Cause + ".next", "next." + i.State} {
			if _, ok := table()[key]; ok {
				return w.say(key)
			}
		}
	}
	return i.Next
}

// arg says a value as people here write it.
func (w words) arg(a any) string {
	switch a := a.(type) {
	case float64:
		return w.decimal(a, 2)
	case time.Time:
		return w.clock(a)
	case time.Duration:
		return w.span(a)
	case activation.Reason:
		return w.say("reason." + string(a))
	case activation.Field:
		return w.say("field." + string(a))
	}
	return fmt.Sprint(a)
}

// decimal writes 0,71 in Indonesian and 0.71 in English.
func (w words) decimal(f float64, places int) string {
	s := strconv.FormatFloat(f, 'f', places, 64)
	if w.lang == English {
		return s
	}
	return strings.ReplaceAll(s, ".", ",")
}

// count writes 10.000 in Indonesian and 10,000 in English.
func (w words) count(n int) string {
	s, sep := strconv.Itoa(n), "."
	if w.lang == English {
		sep = ","
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return s
}

// clock writes 09.41.
func (w words) clock(t time.Time) string {
	if w.lang == English {
		return t.Format("15:04")
	}
	return t.Format("15.04")
}

// zone is the Indonesian name of a time's offset.
func zone(t time.Time) string {
	name, offset := t.Zone()
	switch offset {
	case 7 * 3600:
		return "WIB"
	case 8 * 3600:
		return "WITA"
	case 9 * 3600:
		return "WIT"
	}
	return name
}

// date writes 05-05-1992.
func (w words) date(t time.Time) string { return t.Format("02-01-2006") }

// longDate writes 5 Mei 1992.
func (w words) longDate(t time.Time) string {
	month := w.say("month." + strconv.Itoa(int(t.Month())))
	return fmt.Sprintf("%d %s %d", t.Day(), month, t.Year())
}

// day writes "hari ini 07.58" for today and the date for any other day.
func (w words) day(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return w.say("today.at", w.clock(t))
	}
	return w.date(t)
}

// span writes how long something takes: 52 detik, 2 menit, 3 jam.
func (w words) span(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return w.say("span.seconds", int((d+time.Second/2)/time.Second))
	case d < 90*time.Minute:
		return w.say("span.minutes", int((d+time.Minute/2)/time.Minute))
	}
	return w.say("span.hours", int((d+time.Hour/2)/time.Hour))
}

// short writes 00.24, minutes and seconds until something happens.
func (w words) short(d time.Duration) string {
	s := int((d + time.Second - 1) / time.Second)
	sep := "."
	if w.lang == English {
		sep = ":"
	}
	return fmt.Sprintf("%02d%s%02d", s/60, sep, s%60)
}

// title writes SRI CONTOH as Sri Contoh, for a sentence.
func title(name string) string {
	part := strings.Fields(strings.ToLower(name))
	for i, p := range part {
		r := []rune(p)
		r[0] = []rune(strings.ToUpper(string(r[0])))[0]
		part[i] = string(r)
	}
	return strings.Join(part, " ")
}

// capWords is what stands on the cap of a key that has a name of its own here.
func (w words) capWords(key string) string {
	if key == "Space" {
		return w.say("key.space")
	}
	return key
}
