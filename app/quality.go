package app

import "slices"

// qualityGroups put the components of a picture's quality together as one
// speaks of them. A group in order is one line; what is not stands by itself
// with what to do.
var qualityGroups = []struct {
	code    string
	members []string
}{
	{"group-place", []string{"one-face", "others", "eye-distance", "head-size"}},
	{"group-pose", []string{"yaw", "pitch", "roll"}},
	{"group-light", []string{"luminance", "balance", "dynamic-range", "exposure"}},
	{"group-sharp", []string{"sharpness", "compression"}},
	{"group-cover", []string{"eyes", "mouth", "glasses", "mask", "hat"}},
}

// grouped turns the desk's component lines into the few that are read. A group
// of which nothing was measured says so; one that was measured in part says
// what was. Codes of no group stay as they are.
func grouped(ls []Line) []Line {
	var out []Line
	known := map[string]bool{}
	for _, g := range qualityGroups {
		var measured, warned, unknown []Line
		for _, l := range ls {
			if !slices.Contains(g.members, l.Code) {
				continue
			}
			known[l.Code] = true
			switch l.State {
			case LineWarn, LineBad:
				if l.Detail == "" {
					l.Detail = l.Code
				}
				warned = append(warned, l)
			case LineUnknown:
				unknown = append(unknown, l)
			default:
				measured = append(measured, l)
			}
		}
		switch {
		case len(warned) > 0:
			out = append(out, warned...)
		case len(measured) > 0:
			out = append(out, Line{Code: g.code, State: measured[0].State})
		case len(unknown) > 0:
			out = append(out, Line{Code: g.code, State: LineUnknown, Detail: "unmeasured"})
		}
	}
	for _, l := range ls {
		if !known[l.Code] {
			out = append(out, l)
		}
	}
	return out
}
