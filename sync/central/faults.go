package central

import (
	"net/http"

	"loket/sync/wire"
)

// words is the one place that gives an error its status and its sentences.
var words = map[string]wire.Error{
	wire.CodeRevoked:         {Status: http.StatusForbidden, Message: "Komputer loket ini tidak dikenal pusat, atau izinnya sudah dicabut.", Next: "Hubungi administrator untuk mendaftarkan ulang komputer ini."},
	wire.CodeDeviceCode:      {Status: http.StatusForbidden, Message: "Kode perangkat tidak berlaku: salah, sudah dipakai, atau lewat 24 jam.", Next: "Minta kode perangkat baru kepada administrator."},
	wire.CodePassword:        {Status: http.StatusUnauthorized, Message: "ID petugas atau kata sandi tidak cocok.", Next: "Periksa kembali, lalu coba lagi."},
	wire.CodePaused:          {Status: http.StatusTooManyRequests, Message: "Lima kali salah: masuk ditunda 30 menit.", Next: "Tunggu 30 menit, atau hubungi administrator."},
	wire.CodeSession:         {Status: http.StatusUnauthorized, Message: "Sesi petugas tidak ada atau sudah berakhir.", Next: "Masuk kembali."},
	wire.CodeMustChange:      {Status: http.StatusForbidden, Message: "Kata sandi pertama harus diganti dulu.", Next: "Pilih kata sandi baru, sedikitnya sepuluh karakter."},
	wire.CodeWeakPassword:    {Status: http.StatusUnprocessableEntity, Message: "Kata sandi baru terlalu pendek atau sama dengan yang lama.", Next: "Pilih kata sandi baru, sedikitnya sepuluh karakter."},
	wire.CodeForbidden:       {Status: http.StatusForbidden, Message: "Bukan kewenangan petugas ini.", Next: "Hubungi penyelia Anda."},
	wire.CodePresentation:    {Status: http.StatusUnprocessableEntity, Message: "Kode QR warga tidak lolos pemeriksaan pusat.", Next: "Minta warga menampilkan kode yang baru, lalu pindai lagi."},
	wire.CodeNoRegistration:  {Status: http.StatusNotFound, Message: "Kode pendaftaran dan NIK ini tidak ditemukan bersama.", Next: "Cocokkan kode dengan ponsel warga dan NIK dengan KTP-el. Kode berlaku tujuh hari."},
	wire.CodeLookupPaused:    {Status: http.StatusTooManyRequests, Message: "Sepuluh kode tidak ditemukan: pengetikan kode di loket ini dijeda.", Next: "Pindai kode QR warga, atau tunggu 15 menit."},
	wire.CodeBadRequest:      {Status: http.StatusBadRequest, Message: "Permintaan tidak dapat dibaca.", Next: "Perbarui aplikasi, lalu coba lagi."},
	wire.CodeRequestOld:      {Status: http.StatusUnauthorized, Message: "Jam perangkat berbeda terlalu jauh dari jam pusat.", Next: "Atur jam perangkat menjadi otomatis, lalu coba lagi."},
	wire.CodeRequestSeen:     {Status: http.StatusConflict, Message: "Permintaan ini sudah diterima sebelumnya.", Next: "Coba lagi."},
	wire.CodeSignature:       {Status: http.StatusForbidden, Message: "Permintaan bukan dari ponsel yang didaftarkan.", Next: "Gunakan ponsel yang dipakai saat mendaftar."},
	wire.CodeCaptcha:         {Status: http.StatusUnprocessableEntity, Message: "Jawaban pertanyaan tidak cocok atau sudah kedaluwarsa.", Next: "Jawab pertanyaan yang baru."},
	wire.CodeActivation:      {Status: http.StatusUnprocessableEntity, Message: "Kode aktivasi tidak cocok.", Next: "Periksa kembali kode di e-mail Anda."},
	wire.CodeActivationEnded: {Status: http.StatusGone, Message: "Kode aktivasi sudah tidak berlaku.", Next: "Minta kode baru kepada petugas Dukcapil."},
	wire.CodeWeakPIN:         {Status: http.StatusUnprocessableEntity, Message: "PIN harus enam angka dan tidak mudah ditebak.", Next: "Pilih PIN lain, bukan angka berurutan, angka kembar, atau tanggal lahir."},
	wire.CodeNotNow:          {Status: http.StatusConflict, Message: "Langkah ini belum bisa dilakukan.", Next: "Selesaikan langkah sebelumnya dulu."},
	wire.CodeHead:            {Status: http.StatusConflict, Message: "Catatan audit loket ini tidak menyambung dengan yang dipegang pusat.", Next: "Hubungi administrator: catatan ini harus diperiksa."},
	wire.CodeBusy:            {Status: http.StatusServiceUnavailable, Message: "Pusat sedang sibuk.", Next: "Aplikasi akan mencoba lagi sendiri."},
	wire.CodeServer:          {Status: http.StatusInternalServerError, Message: "Ada gangguan di pusat.", Next: "Aplikasi akan mencoba lagi sendiri."},
	wire.CodeFull:            {Status: http.StatusInsufficientStorage, Message: "Penyimpanan pusat penuh.", Next: "Keputusan aman di loket dan terkirim sendiri setelah administrator pusat menambah ruang."},
	wire.CodeSamePerson:      {Status: http.StatusForbidden, Message: "Petugas dan penyelia harus dua orang yang berbeda.", Next: "Minta penyelia lain yang memeriksa."},
	wire.CodeReviewOver:      {Status: http.StatusConflict, Message: "Permintaan ini sudah selesai, ditarik, atau habis waktunya.", Next: "Muat ulang daftar."},
	wire.CodeReviewNot:       {Status: http.StatusConflict, Message: "Paket ini belum bisa diteruskan.", Next: "Biarkan menunggu, atau hubungi administrator."},
	codeNotFound:             {Status: http.StatusNotFound, Message: "Alamat ini tidak ada.", Next: "Perbarui aplikasi."},
}

const codeNotFound = "not-found"

// fault is the error of a code, ready to be sent.
func fault(code string) error {
	e, ok := words[code]
	if !ok {
		e = words[wire.CodeServer]
	}
	e.Code = code
	return &e
}

// nexts says to the officer what follows from a packet that was not accepted.
var nexts = map[string]string{
	"BELUM_REKAM":       "Warga melakukan perekaman KTP-el dulu.",
	"DI_BAWAH_17":       "IKD menyusul setelah berumur 17 tahun atau menikah.",
	"NIK_TIDAK_AKTIF":   "Warga mengurus status NIK di layanan kependudukan.",
	"DATA_BERMASALAH":   "Warga membetulkan data di layanan kependudukan.",
	"SUDAH_AKTIF":       "IKD sudah aktif. Untuk pindah ponsel gunakan aktivasi ulang.",
	"DIBLOKIR":          "IKD diblokir. Penyelia memeriksa dan mengaktifkan ulang.",
	"KODE_TIDAK_SAH":    "Layani ulang: pindai kode QR yang baru.",
	"WAJAH_TIDAK_COCOK": "Wajah tidak cocok: tidak dapat disetujui.",
	reasonSecond:        "Harus disaksikan penyelia. Layani ulang bersama penyelia.",
	reasonConsent:       "Persetujuan warga belum tercatat. Layani ulang.",
	reasonTraining:      "Paket latihan tidak berlaku di pusat ini (atau sebaliknya).",
	reasonCti:           "Kode ini sudah dipakai di paket lain. Menunggu pemeriksaan penyelia di pusat.",
	reasonKey:           "Tersimpan di pusat; kunci pembukanya belum ada.",
	reasonRevoked:       "Perangkat dicabut. Menunggu pemeriksaan penyelia di pusat.",
	reasonClock:         "Jam loket tidak pasti saat diputuskan. Menunggu pemeriksaan penyelia di pusat.",
	reasonUnread:        "Paket tidak terbaca. Simpan dan laporkan ke administrator.",
	reasonForged:        "Tanda tangan paket tidak cocok. Simpan dan laporkan ke administrator.",
	reasonConflict:      "Nomor paket sama dengan isi berbeda. Laporkan ke administrator.",
	reasonBySupervisor:  "Ditolak penyelia setelah diperiksa. Tanyakan kepada penyelia, lalu layani ulang.",
	reasonGone:          "Keputusan yang dibatalkan tidak ditemukan di pusat.",
}

// Reasons of central's own, beside those of app/activation.
const (
	reasonSecond   = "PERLU_ATASAN"
	reasonConsent  = "TANPA_PERSETUJUAN"
	reasonTraining = "LATIHAN"
	reasonCti      = "KODE_TERPAKAI"
	reasonKey      = "KUNCI_TIDAK_ADA"
	reasonRevoked  = "PERANGKAT_DICABUT"
	reasonClock    = "JAM_TIDAK_PASTI"
	reasonUnread   = "TIDAK_TERBACA"
	reasonForged   = "TANDA_TANGAN"
	reasonConflict = "NOMOR_GANDA"
	reasonGone     = "TIDAK_DITEMUKAN"
)
