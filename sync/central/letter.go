package central

import (
	"fmt"
	"time"
)

const mailSubject = "Kode aktivasi IKD Anda / Your IKD activation code"

const cancelSubject = "Persetujuan IKD Anda dibatalkan / Your IKD approval was withdrawn"

// wib is the zone that mails name their times in: Western Indonesia.
var wib = time.FixedZone("WIB", 7*60*60)

// activationText is the body of the mail, Indonesian with English beneath. The
// code stands alone on its line, so that a phone offers to copy it.
func activationText(code, link string, until time.Time) string {
	if link != "" {
		link = "\n" + link + "\n"
	}
	end := until.In(wib).Format("02/01/2006 15:04 MST")
	return fmt.Sprintf(`Identitas Anda sudah diperiksa di loket Dukcapil.
Masukkan kode ini di aplikasi IKD, di ponsel yang Anda daftarkan:

%[1]s

Berlaku sampai %[3]s dan hanya sekali pakai.
%[2]s
Membuka tautan saja tidak mengaktifkan apa pun: kode hanya berlaku di ponsel Anda.
IKD gratis. Petugas tidak pernah meminta PIN atau kode ini; jangan berikan kepada siapa pun.
Tidak merasa mendaftar? Abaikan e-mail ini dan beri tahu Dukcapil.

--

Your identity was checked at a Dukcapil counter.
Enter this code in the IKD app, on the phone that you registered: %[1]s
It is valid until %[3]s and works once.
IKD is free. No officer ever asks for your PIN or for this code; give it to nobody.
`, code, link, end)
}

// cancelText is the body of the mail that takes an approval back: what happened,
// what it means, what to do. It names nobody and holds no code.
func cancelText(at time.Time) string {
	return fmt.Sprintf(`Loket Dukcapil membatalkan persetujuan aktivasi IKD Anda pada %[1]s.

Kode aktivasi yang pernah kami kirim tidak berlaku lagi.
Bila IKD sudah aktif di ponsel Anda, IKD itu kini dinonaktifkan.
KTP-el dan data kependudukan Anda tidak berubah.

Masih ingin memakai IKD? Datang lagi ke loket Dukcapil dengan KTP-el dan ponsel Anda. IKD gratis.
Petugas tidak pernah meminta PIN atau kode; jangan berikan kepada siapa pun.

--

A Dukcapil counter withdrew the approval of your IKD on %[1]s.
Any activation code that we sent no longer works; an IKD that is already active on your phone is now inactive.
Your KTP-el and your civil record are unchanged.
To use IKD, come to a Dukcapil counter again with your KTP-el and your phone. IKD is free.
No officer ever asks for your PIN or for a code; give it to nobody.
`, at.In(wib).Format("02/01/2006 15:04 MST"))
}
