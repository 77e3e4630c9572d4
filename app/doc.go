// Package app is what the officer sees, and the desk behind it.
//
// Two halves meet in a View and in Intents, which are plain data:
//
//   - the Desk (desk*.go) owns the case. One goroutine takes Intents, workers'
//     results and the time, and makes a View of each moment. It sees cameras,
//     engines, ledger and network through the small interfaces of desk_ports.go.
//   - the Window (window.go) draws a View and sends Intents. A screen is a
//     method of page in a file of its own name (scan.go, compare.go, …): it lists
//     marks (texts, rectangles, signs, pictures) and binds what can be pressed,
//     by key and by mouse alike. A sheet (sheet.go) keeps one canvas object for
//     each mark and changes those that are different, so the object tree lives
//     as long as the window.
//
// Where things go: frame.go has the places that are always the same (top bar,
// rail, notices, bar), controls.go what stands in them (commands, cards, pills,
// checks), palette.go the colours by role, words.go and assets/words all that
// is read. A new code needs a line in assets/words/*.tsv; TestCodesHaveWords
// says which is missing.
//
// Fyne's goroutine draws. Window.Show, CitizenWindow.Show and Preview.Post may be
// called from any goroutine and never wait; they are the only places that use
// fyne.Do, and each has at most one call waiting.
//
// storybook lists every screen in every state; the golden pictures in testdata
// are drawn from it without a display.
package app
