// The page is the glass of the phone; the process behind it holds the key and
// decides. Nothing is kept here but what is being typed.
'use strict';
const $ = (q, from = document) => from.querySelector(q);
const all = (q) => [...document.querySelectorAll(q)];
const places = { register: 1, qr: 2, wait: 3, code: 3, pin: 4, card: 5, stop: 2 };
let step = '', shown = 0, left = 0, life = 90, selfie = '', question = '';

async function ask(path, body) {
  let answer;
  try {
    answer = await fetch(path, body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  } catch {
    throw { message: 'Aplikasi tidak menjawab.', next: 'Buka ulang aplikasi.' };
  }
  const value = await answer.json();
  if (!answer.ok) throw value;
  return value;
}

function show(s) {
  $('#offline').hidden = !s.offline;
  if (s.step !== step) {
    step = s.step;
    all('section').forEach((e) => e.classList.toggle('on', e.dataset.step === step));
    all('.way li').forEach((e) => {
      e.classList.toggle('done', +e.dataset.way < places[step]);
      e.classList.toggle('now', +e.dataset.way === places[step]);
    });
    scrollTo(0, 0);
    if (step === 'code') newQuestion();
    if (step === 'card') newCard();
  }
  all('.mail').forEach((e) => { e.textContent = s.email; });
  $('#again').hidden = !['refused', 'expired'].includes(s.state);
  $('#next').textContent = s.next || 'Ikuti petunjuk dari petugas Dukcapil.';
  if (s.qr) {
    if (s.qr.number !== shown) {
      shown = s.qr.number;
      $('#qr').src = 'qr.svg?n=' + shown;
    }
    left = s.qr.seconds; life = s.qr.life;
    $('#sealed').textContent = s.qr.sealed ? 'hanya untuk loket ini · ' + s.qr.office : 'diperbarui sendiri tiap 30 detik';
    $('#say').hidden = !s.code; $('#spoken').textContent = s.code || '';
    $('#look').hidden = s.qr.sealed; $('#otherway').hidden = s.qr.sealed; $('#leave').hidden = !s.qr.sealed;
    count();
  } else closeCamera();
}

function count() {
  const two = (n) => String(n).padStart(2, '0');
  $('#count').textContent = 'berlaku ' + two(Math.floor(left / 60)) + '.' + two(left % 60);
  $('#bar').style.width = 100 * left / life + '%';
}

async function refresh() {
  try { show(await ask('state')); } catch { /* the next second asks again */ }
}

async function newQuestion() {
  try {
    const q = await ask('captcha', {});
    question = q.id;
    $('#question').textContent = q.question;
  } catch (e) {
    say($('#activate'), e);
  }
}

async function newCard() {
  try {
    const c = await ask('card', {});
    const facts = { NIK: c.nik, Nama: c.name, 'Tempat, tanggal lahir': c.birth_place + ', ' + c.born.split('-').reverse().join('-'),
      'Jenis kelamin': c.sex === 'P' ? 'Perempuan' : 'Laki-laki', Alamat: [c.address, c.kelurahan].filter(Boolean).join(', ') };
    $('#facts').replaceChildren(...Object.entries(facts).flatMap(([name, value]) => {
      const dt = document.createElement('dt'), dd = document.createElement('dd');
      dt.textContent = name; dd.textContent = value;
      return [dt, dd];
    }));
    if (c.photo) { $('#photo').src = 'data:image/jpeg;base64,' + c.photo; $('#photo').hidden = false; }
  } catch { setTimeout(newCard, 3000); }
}

// say puts an answer's sentences beside the fields that they are about.
function say(form, e) {
  form.querySelectorAll('em').forEach((old) => old.remove());
  form.querySelectorAll('.wrong').forEach((old) => old.classList.remove('wrong'));
  const rest = [];
  for (const [field, words] of Object.entries((e && e.fields) || {})) {
    const input = form.elements[field];
    if (!input) { rest.push(words); continue; }
    input.classList.add('wrong');
    const em = document.createElement('em');
    em.textContent = words;
    input.after(em);
  }
  if (e && e.message) rest.push([e.message, e.next].filter(Boolean).join(' '));
  const box = $('.error', form);
  box.textContent = rest.join(' ');
  box.hidden = rest.length === 0;
  const first = $('.wrong', form);
  if (first) first.focus();
}

function send(id, path, body, refused) {
  const form = $(id);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = $('.main', form);
    button.disabled = true;
    try {
      const s = await ask(path, body(form.elements));
      say(form, null);
      form.reset();
      show(s);
    } catch (e) {
      say(form, e);
      if (refused) refused(e, form);
    } finally {
      button.disabled = false;
    }
  });
}

send('#register', 'register', (f) => ({ nik: f.nik.value, email: f.email.value, email_again: f.email_again.value, number: f.number.value,
  number_again: f.number_again.value, unusual: f.email.value === $('.suggest').dataset.refused, selfie }), (e, form) => {
  const s = $('.suggest');
  s.hidden = !e.suggest;
  s.textContent = e.suggest ? 'Maksudnya ' + e.suggest + '? Ketuk untuk memakai.' : '';
  s.dataset.refused = e.suggest ? form.elements.email.value : '';
  s.onclick = () => { form.elements.email.value = form.elements.email_again.value = e.suggest; s.hidden = true; };
});
send('#activate', 'activate', (f) => ({ code: f.code.value, captcha: question, answer: f.answer.value }), (e, form) => {
  if (!e.fields) { form.elements.answer.value = ''; newQuestion(); } // each question counts once
});
send('#pin', 'pin', (f) => ({ pin: f.pin.value, again: f.again.value }), (e, form) => form.elements.pin.select());
send('#counter', 'counter', (f) => ({ text: f.text.value }));
$('#leave').addEventListener('click', async () => show(await ask('counter', {})));
$('#again').addEventListener('click', async () => show(await ask('again', {})));
all('[data-forget]').forEach((b) => b.addEventListener('click', async () => { if (confirm('Hapus pendaftaran di ponsel ini?')) show(await ask('forget', {})); }));

// A selfie becomes a JPEG of at most 1024 pixels here, before it leaves.
$('#file').addEventListener('change', async (event) => {
  const file = event.target.files[0];
  if (!file) return;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, 1024 / Math.max(picture.width, picture.height));
    const canvas = Object.assign(document.createElement('canvas'), { width: picture.width * scale, height: picture.height * scale });
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    const url = canvas.toDataURL('image/jpeg', 0.88);
    selfie = url.slice(url.indexOf(',') + 1);
    $('#selfie').src = url;
    $('#selfie').hidden = false;
  } catch {
    say($('#register'), { message: 'Foto tidak dapat dibaca.', next: 'Ambil foto lagi.' });
  }
});
$('#drawn').addEventListener('click', () => { selfie = ''; $('#selfie').hidden = true; $('#drawn').textContent = 'Gambar contoh dipakai ✓'; });

// The counter's code from a picture; the process reads it.
$('#counterfile').addEventListener('change', async (event) => {
  const file = event.target.files[0], form = $('#counter');
  if (!file) return;
  try {
    const data = await new Promise((done, fail) => { const r = new FileReader(); r.onload = () => done(r.result); r.onerror = fail; r.readAsDataURL(file); });
    show(await ask('counter-picture', { picture: data.slice(data.indexOf(',') + 1) }));
    say(form, null);
  } catch (e) { say(form, e); }
});

refresh();
setInterval(refresh, 1000);
