package app

// size writes bytes as people say them: 480 KB, 12,5 MB, 3,2 GB.
func (w words) size(n int64) string {
	switch f := float64(n); {
	case n < 1_000_000:
		return w.count(int((n+999)/1000)) + " KB"
	case n < 1_000_000_000:
		return w.decimal(f/1e6, decimalsOf(f/1e6)) + " MB"
	default:
		return w.decimal(f/1e9, decimalsOf(f/1e9)) + " GB"
	}
}

// decimalsOf are the decimals of a figure that is not counted.
func decimalsOf(f float64) int {
	if f < 100 {
		return 1
	}
	return 0
}
