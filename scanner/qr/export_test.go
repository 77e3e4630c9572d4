package qr

// GrayOf is the luminance that the reader sees, so that others can be measured on the same.
var GrayOf = grayOf

// Hazy says whether one frame shows a code that is blurred beyond its finder patterns.
var Hazy = hazy
