package central

import (
	"context"
	"database/sql"
)

// preparer is a transaction, or one connection.
type preparer interface {
	queryer
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// prepared remembers the statements of a transaction or connection: a batch
// asks the same few questions for each of its packets, and SQLite takes longer
// to read most of them than to answer. It is of one goroutine.
type prepared struct {
	on    preparer
	known map[string]*sql.Stmt
}

func newPrepared(on preparer) *prepared { return &prepared{on, map[string]*sql.Stmt{}} }

// close gives the statements back.
func (p *prepared) close() {
	for _, s := range p.known {
		s.Close()
	}
}

// statement prepares a query once. nil says that it can't be: what it is
// of then says why itself.
func (p *prepared) statement(ctx context.Context, query string) *sql.Stmt {
	if s, ok := p.known[query]; ok {
		return s
	}
	s, err := p.on.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.known[query] = s
	return s
}

// QueryRowContext implements queryer.
func (p *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s := p.statement(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return p.on.QueryRowContext(ctx, query, args...)
}

// QueryContext implements queryer.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := p.statement(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return p.on.QueryContext(ctx, query, args...)
}

// ExecContext implements queryer.
func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if s := p.statement(ctx, query); s != nil {
		return s.ExecContext(ctx, args...)
	}
	return p.on.ExecContext(ctx, query, args...)
}
