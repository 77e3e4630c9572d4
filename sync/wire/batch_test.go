package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/sync/wire"
)

// batchBodies are bodies of a batch, as senders write them and as nobody should.
var batchBodies = []struct{ name, body string }{
	{"as the sender writes it", `{"packets":["AAEC","AwQF/+8="]}`},
	{"one", `{"packets":["AA=="]}`},
	{"an empty packet", `{"packets":[""]}`},
	{"none", `{"packets":[]}`},
	{"null", `{"packets":null}`},
	{"null packet", `{"packets":[null]}`},
	{"spaces", ` { "packets" : [ "AAEC" , "AwQF" ] } `},
	{"another field", `{"note":"x","packets":["AAEC"]}`},
	{"escaped", `{"packets":["\u0041AEC"]}`},
	{"line break in a string", "{\"packets\":[\"AA\nEC\"]}"},
	{"unpadded", `{"packets":["AA"]}`},
	{"not base64", `{"packets":["A*=="]}`},
	{"cut in a packet", `{"packets":["AAEC","Aw`},
	{"cut behind a comma", `{"packets":["AAEC",`},
	{"not closed", `{"packets":["AAEC"]`},
	{"something follows", `{"packets":["AAEC"]}{}`},
	{"another value", `["AAEC"]`},
	{"nothing", ``},
}

// TestReadBatch: whatever a body looks like, it means what encoding/json says.
func TestReadBatch(t *testing.T) {
	for _, c := range batchBodies {
		t.Run(c.name, func(t *testing.T) { sameAsJSON(t, []byte(c.body)) })
	}
}

func FuzzReadBatch(f *testing.F) {
	for _, c := range batchBodies {
		f.Add([]byte(c.body))
	}
	f.Fuzz(func(t *testing.T, body []byte) { sameAsJSON(t, body) })
}

func sameAsJSON(t *testing.T, body []byte) {
	var got, want wire.PacketsRequest
	gotErr, wantErr := got.ReadJSON(body), json.Unmarshal(body, &want)
	if (gotErr == nil) != (wantErr == nil) {
		t.Fatalf("%v, encoding/json says %v", gotErr, wantErr)
	}
	if d := cmp.Diff(want, got); wantErr == nil && d != "" {
		t.Error(d)
	}
}
