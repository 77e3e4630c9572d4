// Package powercut shows what a power cut leaves of a database.
//
// A [Recorder] is a small library, compiled here with the system's C compiler,
// that is preloaded into a program and writes down every file call that SQLite
// makes: opens, writes, truncates, syncs, removals ([Read]). The program adds
// marks of its own to the same log ([Log]): what it began, what was
// acknowledged.
//
// A [Disk] plays the log again up to any call and then loses its power: what
// was synced is there, and of what was not each write may be there, missing,
// torn within a sector, or there although an earlier one is missing; so may
// truncates, and the names of files in their folder until the folder itself was
// synced ([Disk.Image]). That is what POSIX promises and no more: file systems
// in use keep more than that.
//
// SQLite's shared-memory index is left out of every image: it does not outlive
// the machine. Go's own file calls do not pass the recorder.
package powercut
