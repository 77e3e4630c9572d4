package centraltest

import (
	"slices"
	"strconv"
	"strings"
)

var digits = []string{"nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"}

// Answer reads a captcha ("Berapa tujuh tambah lima?") as a person does and
// gives the sum in digits; "" where the question is another.
func Answer(question string) string {
	words := strings.Fields(strings.TrimSuffix(question, "?"))
	if len(words) != 4 || words[0] != "Berapa" || words[2] != "tambah" {
		return ""
	}
	a, b := slices.Index(digits, words[1]), slices.Index(digits, words[3])
	if a < 0 || b < 0 {
		return ""
	}
	return strconv.Itoa(a + b)
}
