package maildrop

import (
	"regexp"
	"strings"
)

var codeLine = regexp.MustCompile(`(?m)^([0-9]{6,})$`)

// Code is the activation code that stands alone on a line of the mail; "" for
// none.
func (m Mail) Code() string {
	found := codeLine.FindStringSubmatch(strings.ReplaceAll(m.Text, "\r", ""))
	if found == nil {
		return ""
	}
	return found[1]
}
