package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// BackupName is the backup's file in the second place.
const BackupName = "ledger-backup.db"

// settingBackup is set in backups only: when they were made, in milliseconds.
const settingBackup = "ledger.backup-at"

// Backup writes a copy of the ledger as it is at this moment to a folder, as on
// a second disk. It stands there whole or not at all: an older one is replaced
// when the new one is written, checked and on the disk. Nothing in it is more
// readable than in the ledger; the machine's secret is not in it. Work goes on
// meanwhile.
func (l *Ledger) Backup(ctx context.Context, dir string) (path string, err error) {
	path = filepath.Join(dir, BackupName)
	part := path + ".part"
	if err := l.backup(ctx, part); err != nil {
		return "", errors.Join(fmt.Errorf("back up ledger: %w", err), removeIfThere(part))
	}
	if err := os.Rename(part, path); err != nil {
		return "", fmt.Errorf("back up ledger: %w", err)
	}
	if err := syncDir(dir); err != nil {
		return "", fmt.Errorf("back up ledger: %w", err)
	}
	return path, l.Record(ctx, auditBackup, nil)
}

func (l *Ledger) backup(ctx context.Context, part string) error {
	if err := errors.Join(removeIfThere(part), private(part)); err != nil {
		return err
	}
	from := sql.OpenDB(connector{dsn: address(l.path, "_txlock=deferred&"+dsnDurable)})
	defer from.Close()
	if _, err := from.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", address(part, "_journal_mode=DELETE&_synchronous=FULL"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		settingBackup, strconv.AppendInt(nil, millis(l.now()), 10))
	if err == nil {
		err = quickCheck(ctx, db)
	}
	return errors.Join(err, db.Close(), syncFile(part))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
