package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"loket/sync/wire"
)

// AskSecond asks for a supervisor's signature from another counter.
func (c *Client) AskSecond(ctx context.Context, packet wire.PacketID, sealed []byte) (wire.SecondState, error) {
	return ask[wire.SecondState](ctx, c, http.MethodPost, wire.PathSeconds, wire.SecondRequest{Packet: packet.String(), Sealed: sealed})
}

// SecondState says where one's own request stands.
func (c *Client) SecondState(ctx context.Context, packet wire.PacketID) (wire.SecondState, error) {
	return ask[wire.SecondState](ctx, c, http.MethodGet, wire.PathSecondState+"?"+url.Values{"packet": {packet.String()}}.Encode(), nil)
}

// WithdrawSecond ends one's own request.
func (c *Client) WithdrawSecond(ctx context.Context, packet wire.PacketID) (wire.SecondState, error) {
	return ask[wire.SecondState](ctx, c, http.MethodPost, wire.PathSecondWithdraw, wire.SecondRef{Packet: packet.String()})
}

// Reviews is what waits for the supervisor who is logged in.
func (c *Client) Reviews(ctx context.Context) (wire.ReviewsResponse, error) {
	return ask[wire.ReviewsResponse](ctx, c, http.MethodGet, wire.PathReviews, nil)
}

// Review opens one of them.
func (c *Client) Review(ctx context.Context, ref wire.SecondRef) (wire.ReviewLook, error) {
	return ask[wire.ReviewLook](ctx, c, http.MethodPost, wire.PathReviewLook, ref)
}

// AnswerSecond signs a request, or declines it.
func (c *Client) AnswerSecond(ctx context.Context, in wire.SecondAnswer) (wire.SecondState, error) {
	return ask[wire.SecondState](ctx, c, http.MethodPost, wire.PathSecondAnswer, in)
}

// SettleHeld releases or refuses a packet that central holds.
func (c *Client) SettleHeld(ctx context.Context, in wire.HeldSettle) (wire.PacketResult, error) {
	return ask[wire.PacketResult](ctx, c, http.MethodPost, wire.PathHeldSettle, in)
}

// Areas is what a van can take along, with how much each is.
func (c *Client) Areas(ctx context.Context) (wire.AreasResponse, error) {
	return ask[wire.AreasResponse](ctx, c, http.MethodGet, wire.PathAreas, nil)
}

// ask is a call in the officer's session whose answer is a T.
func ask[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	if err := c.officer(ctx, method, path, in, &out); err != nil {
		return out, fmt.Errorf("ask central: %w", err)
	}
	return out, nil
}
