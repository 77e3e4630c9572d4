package main

import (
	"fmt"
	"os"
	"strings"

	"loket/sync/central"
)

// readPassword takes the mail server's password from a file, so that it stands
// in no list of processes.
func readPassword(file string, m *central.SMTP) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("mail server's password: %w", err)
	}
	m.Password = strings.TrimRight(string(text), "\r\n")
	return nil
}
