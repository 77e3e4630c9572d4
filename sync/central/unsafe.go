package central

import (
	"context"
	"fmt"
)

// ForgetHeads has central hold no head of any counter, so that the next one of
// each is compared with nothing. It is the control of cmd/trial's tampering; a
// test holds that nobody else calls it.
func (h *Home) ForgetHeads(ctx context.Context) error {
	if _, err := h.store.db.ExecContext(ctx, "UPDATE devices SET head_epoch = 0, head_size = 0, head_hash = NULL"); err != nil {
		return fmt.Errorf("forget heads: %w", err)
	}
	return nil
}
