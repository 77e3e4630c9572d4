package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"regexp"
	"strings"
)

// readLetter parses one file of the mailbox and says to whom it went.
func readLetter(name string) (letter, string, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return letter{}, "", err
	}
	msg, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return letter{}, "", err
	}
	body, err := plainText(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
	if err != nil {
		return letter{}, "", err
	}
	return letter{MessageID: msg.Header.Get("Message-ID"), Body: body}, msg.Header.Get("X-Envelope-To"), nil
}

// plainText finds the first text/plain part and decodes it.
func plainText(contentType, encoding string, r io.Reader) (string, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(r, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return "", fmt.Errorf("no text part: %w", err)
			}
			text, err := plainText(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
			if err == nil {
				return text, nil
			}
		}
	}
	if kind != "text/plain" {
		return "", fmt.Errorf("a part is %s", kind)
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

// codePattern is the activation code as the citizen reads it in the letter: a
// line of its own with six or more digits, perhaps in groups.
var codePattern = regexp.MustCompile(`(?m)^\s*(\d[\d ]{4,}\d)\s*$`)

// code finds the activation code in a letter.
func (l letter) code() (string, error) {
	m := codePattern.FindStringSubmatch(l.Body)
	if m == nil {
		return "", fmt.Errorf("letter %s holds no activation code", l.MessageID)
	}
	return strings.ReplaceAll(m[1], " ", ""), nil
}
