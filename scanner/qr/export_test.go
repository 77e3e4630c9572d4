package qr

// GrayOf is the luminance that the reader sees, so that others can be measured on the same.
var GrayOf = grayOf
