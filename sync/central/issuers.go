package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"loket/scanner/token"
)

// settingIssuers holds the keys of cards' issuers, as token.MarshalKeys writes
// them.
const settingIssuers = "issuers"

// AddIssuer puts the keys of a file (PEM, JWK, COSE_Key or the claim-169
// vectors' signing_key) into the trust list, for bare cards whose iss is name and
// for nothing else. The next list that counters fetch has them; whether cards are
// taken at all is policy's word. It returns how many keys were new.
func (h *Home) AddIssuer(ctx context.Context, name string, file []byte) (added int, err error) {
	if name == "" {
		return 0, errors.New("add issuer: the name is missing")
	}
	keys, err := token.ReadKeyFile(file, token.UseClaim169)
	if err != nil {
		return 0, fmt.Errorf("add issuer %s: %w", name, err)
	}
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		list, err := cardIssuers(ctx, tx)
		if err != nil {
			return err
		}
		for _, k := range keys.Trust.Keys {
			if k.Use != token.UseClaim169 || k.Key == nil {
				continue
			}
			id, err := token.KeyID(k.Key)
			if err != nil {
				return err
			}
			if _, err := list.Find(token.UseClaim169, id); err == nil {
				continue // there already
			}
			k.Issuer, k.KID = name, nil // of the key itself, as cards name it
			list.Keys = append(list.Keys, k)
			added++
		}
		if added == 0 {
			return errors.New("no key that is not in the list already")
		}
		data, err := token.MarshalKeys(list)
		if err != nil {
			return err
		}
		if err := putSetting(ctx, tx, settingIssuers, data); err != nil {
			return err
		}
		return h.signTrust(ctx, tx)
	})
	if err != nil {
		return 0, fmt.Errorf("add issuer %s: %w", name, err)
	}
	return added, nil
}

// cardIssuers are the keys that AddIssuer put in.
func cardIssuers(ctx context.Context, q queryer) (token.TrustList, error) {
	data, err := setting(ctx, q, settingIssuers)
	if err != nil || data == nil {
		return token.TrustList{}, err
	}
	file, err := token.ReadKeyFile(data, token.UseClaim169)
	if err != nil {
		return token.TrustList{}, fmt.Errorf("issuers: %w", err)
	}
	return file.Trust, nil
}
