package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"loket/sync/wire"
)

// memory is what the phone remembers, besides its key.
type memory struct {
	Registration string             `json:"registration"`
	NIK          string             `json:"nik"`
	Email        string             `json:"email"`
	Number       string             `json:"number"`
	Credential   []byte             `json:"credential"`
	Code         string             `json:"code"`    // of the registration, for people; "" from before there was one
	Expires      time.Time          `json:"expires"` // of the credential
	Progress     wire.StateResponse `json:"progress"`
	Trust        []byte             `json:"trust,omitempty"` // central's newest trust list, signed
}

const (
	keyFile    = "key.pem"
	memoryFile = "phone.json"
)

// loadKey reads the phone's key, or makes one the first time.
func loadKey(dir string, random io.Reader) (ed25519.PrivateKey, error) {
	path := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newKey(path, random)
	} else if err != nil {
		return nil, fmt.Errorf("phone's key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("phone's key %s: it is not PEM", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("phone's key: %w", err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("phone's key: %T, want Ed25519", key)
	}
	return private, nil
}

func newKey(path string, random io.Reader) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(random)
	if err != nil {
		return nil, fmt.Errorf("phone's key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("phone's key: %w", err)
	}
	return key, replace(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// load reads what the phone remembers; nothing the first time.
func load(dir string) (m memory, err error) {
	data, err := os.ReadFile(filepath.Join(dir, memoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	} else if err != nil {
		return m, fmt.Errorf("phone's memory: %w", err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("phone's memory: %w", err)
	}
	return m, nil
}

func (m memory) save(dir string) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("phone's memory: %w", err)
	}
	return replace(filepath.Join(dir, memoryFile), data)
}

// replace writes a file that only its owner reads, whole or not at all.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
