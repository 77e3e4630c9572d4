package central

import "context"

// MailDue is one round of the mail sender.
func (s *Server) MailDue(ctx context.Context) error {
	_, err := s.mailDue(ctx)
	return err
}

// ExpireCodes is one round of ending codes.
func (h *Home) ExpireCodes(ctx context.Context) (int, error) { return h.expireCodes(ctx) }
