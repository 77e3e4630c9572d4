// The camera looks for the counter's code. The browser only sends frames, one
// at a time; the process behind the page reads them.
'use strict';
let stream = null, looking = 0;
const PAUSE = 120, SIDE = 1280, PATIENCE = 60000; // ms, pixels, ms

const cameraSays = {
  NotAllowedError: 'Kamera belum diizinkan. Izinkan di peramban, atau pakai cara tanpa kamera.',
  SecurityError: 'Kamera belum diizinkan. Izinkan di peramban, atau pakai cara tanpa kamera.',
  NotFoundError: 'Kamera tidak ditemukan. Pakai gambar atau tempel isi kodenya.',
  NotReadableError: 'Kamera sedang dipakai aplikasi lain. Tutup aplikasi itu, lalu coba lagi.',
};

function otherWay(sentence) {
  closeCamera();
  document.querySelector('#otherway').open = true;
  say(document.querySelector('#counter'), { message: sentence });
  document.querySelector('#counter .error').scrollIntoView({ block: 'center' });
}

function tell(sentence, wrong) {
  const p = document.querySelector('#seen');
  p.textContent = sentence;
  p.classList.toggle('wrong', !!wrong);
}

async function openCamera() {
  if (stream) return;
  const turn = ++looking, video = document.querySelector('#video');
  say(document.querySelector('#counter'), null);
  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
    otherWay('Halaman ini tidak boleh memakai kamera. Pakai gambar atau tempel isi kodenya.');
    return;
  }
  document.querySelector('#viewer').hidden = false;
  document.querySelector('#close').focus();
  tell('Menyiapkan kamera…');
  try {
    const opened = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1080 } } });
    if (turn !== looking) { opened.getTracks().forEach((t) => t.stop()); return; } // cancelled meanwhile
    stream = opened;
    stream.getVideoTracks()[0].addEventListener('ended', () => { if (turn === looking) otherWay('Kamera terputus. Coba lagi, atau pakai gambar.'); });
    video.srcObject = stream;
    await video.play();
  } catch (e) {
    if (turn === looking) otherWay(cameraSays[e.name] || 'Kamera tidak dapat dibuka. Pakai gambar atau tempel isi kodenya.');
    return;
  }
  tell('Arahkan ke kode di layar loket.');
  watch(turn, video);
}

async function watch(turn, video) {
  const canvas = document.createElement('canvas'), from = Date.now();
  for (let first = true; turn === looking; first = false) {
    if (Date.now() - from > PATIENCE) { otherWay('Kode belum terbaca. Coba lagi lebih dekat, atau pakai gambar.'); return; }
    const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = video.videoWidth * scale; canvas.height = video.videoHeight * scale;
    if (canvas.width > 0) {
      canvas.getContext('2d', { willReadFrequently: true }).drawImage(video, 0, 0, canvas.width, canvas.height);
      const frame = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
      try {
        const answer = await fetch('counter-frame' + (first ? '?first=1' : ''), { method: 'POST', headers: { 'Content-Type': 'image/jpeg' }, body: frame });
        const value = await answer.json();
        if (turn !== looking) return;
        if (!answer.ok) tell([value.message, value.next].filter(Boolean).join(' '), true);
        else if (value.found) { closeCamera(); scrollTo(0, 0); show(value.state); return; }
        else tell(value.hint || 'Arahkan ke kode di layar loket.');
      } catch { tell('Aplikasi tidak menjawab. Buka ulang aplikasi.', true); }
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}

function closeCamera() {
  looking++;
  if (stream) stream.getTracks().forEach((t) => t.stop());
  stream = null;
  document.querySelector('#video').srcObject = null;
  document.querySelector('#viewer').hidden = true;
}

document.querySelector('#look').addEventListener('click', openCamera);
document.querySelector('#close').addEventListener('click', closeCamera);
document.addEventListener('keydown', (e) => { if (e.key === 'Escape' && !document.querySelector('#viewer').hidden) closeCamera(); });
document.addEventListener('visibilitychange', () => { if (document.hidden) closeCamera(); });
