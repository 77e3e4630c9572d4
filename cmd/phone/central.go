package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"loket/sync/wire"
)

// Central is the way to the central server. Its zero value is not usable; Dial
// makes one.
type Central struct {
	url    string
	client *http.Client
	root   crypto.PublicKey // signs the trust list
}

// maxAnswer is the most that is read of an answer, in bytes.
const maxAnswer = 8 << 20

// errOffline is no answer from central.
var errOffline = errors.New("central does not answer")

// Dial prepares to talk to the central at url, whose X.509 root is the PEM file
// root. Nothing is sent yet.
func Dial(url, root string) (*Central, error) {
	text, err := os.ReadFile(root)
	if err != nil {
		return nil, fmt.Errorf("read root: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("read root %s: it is not PEM", root)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read root: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}}
	return &Central{strings.TrimRight(url, "/"), &http.Client{Transport: transport, Timeout: 15 * time.Second}, cert.PublicKey}, nil
}

// post sends a JSON body and reads a JSON answer. Central's refusals are
// *wire.Error; no answer at all is errOffline.
func (c *Central) post(ctx context.Context, path string, body, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("ask central: %w", err)
	}
	return c.do(ctx, http.MethodPost, path, data, answer)
}

func (c *Central) do(ctx context.Context, method, path string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask central: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errOffline, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%w: %w", errOffline, err)
	}
	if resp.StatusCode/100 != 2 {
		var told wire.Error
		if json.Unmarshal(data, &told) != nil || told.Code == "" {
			return fmt.Errorf("ask central %s: status %d", path, resp.StatusCode)
		}
		told.Status = resp.StatusCode
		return &told
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return fmt.Errorf("ask central %s: %w", path, err)
	}
	return nil
}

// trustMessage fetches the trust list, as the root signed it.
func (c *Central) trustMessage(ctx context.Context) ([]byte, error) {
	var signed wire.Signed
	if err := c.do(ctx, http.MethodGet, wire.PathTrust, nil, &signed); err != nil {
		return nil, err
	}
	return signed.Message, nil
}
