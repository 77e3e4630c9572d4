// Package app is what the officer sees: a window that draws a View and sends
// Intents. One file a screen.
package app
