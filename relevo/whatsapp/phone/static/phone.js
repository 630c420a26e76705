// The phone: who the customer is, what they write, tap and send, and the chat that follows the server's events.

import { Messages, make } from './messages.js';
import * as panel from './panel.js';
import { choose, current, load, paint, text } from './texts.js';

const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '🙏'];
const KEPT = 'relevo.phone.customer';
const find = (selector) => document.querySelector(selector);
let phone = null;
let messages = null;
let quoted = null;
let view = null;
let events = null;
let asked = 0;
let shown = 0;

const complain = (reason) => {
  find('#problem').hidden = !reason;
  find('#problem').textContent = reason;
};

const ask = async (path, options) => {
  const answer = await fetch(path, options);
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const told = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(told.error ?? String(answer.status)), { status: answer.status });
};

const post = (path, body) => {
  complain('');
  const headers = { 'Content-Type': 'application/json' };
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
    .catch((error) => { complain(text('attach.refused', { reason: error.message })); throw error; });
};
const act = (deed, values = {}) => post(`/phone/phones/${phone}/deeds`, { deed, ...values });

// --- the customer ---

const takePhone = async (customer) => {
  ({ phone } = await post('/phone/phones', customer));
  sessionStorage.setItem(KEPT, JSON.stringify(customer));
  find('#messages').replaceChildren();
  messages = new Messages(find('#messages'), phone, { choose: (message, option) => act('choose', { message, option }), list: openList, reply, react });
  find('#who').hidden = true;
  find('#chat').hidden = find('#other').hidden = false;
  follow();
  find('#text').focus();
};

const putPhoneDown = () => {
  events?.close();
  sessionStorage.removeItem(KEPT);
  find('#who').hidden = false;
  find('#chat').hidden = find('#other').hidden = true;
  find('#who').elements.name.focus();
};

// --- what happens ---

const follow = () => {
  events?.close();
  events = new EventSource(`/phone/phones/${phone}/events`);
  events.onmessage = refresh;
  events.onerror = () => {
    find('#state').textContent = text('chat.lost');
    // A simulation that was started anew knows nobody: the customer takes their phone again.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => takePhone(JSON.parse(sessionStorage.getItem(KEPT))).catch(() => {}), 2000);
  };
};

const refresh = async () => {
  const number = asked += 1;
  const told = await ask(`/phone/phones/${phone}`);
  if (number < shown) return; // a later answer was faster
  shown = number;
  view = told;
  show();
  const unread = view.messages.some((message) => !message.mine && message.progress === 'delivered');
  if (unread && document.visibilityState === 'visible') act('look');
};

const show = () => {
  if (!view) return;
  find('#business').textContent = view.business.name;
  find('.face').textContent = view.business.name.slice(0, 1);
  const state = !view.is_connected ? 'chat.waiting' : view.is_typing ? 'chat.typing' : 'chat.online';
  find('#state').textContent = text(state);
  find('#state').dataset.state = state;
  find('#empty').hidden = view.messages.length > 0;
  if (messages.show(view.messages)) find('#messages').scrollTop = find('#messages').scrollHeight;
  panel.show(view);
};

// --- what the customer does ---

const send = (event) => {
  event?.preventDefault();
  const field = find('#text');
  const words = field.value.trim();
  if (!words) return;
  field.value = '';
  act('write', { text: words, quotes: quoted ?? '' }).catch(() => { field.value = words; });
  reply(null);
};

const reply = (message) => {
  quoted = message?.id ?? null;
  find('#quoted').hidden = !message;
  if (!message) return;
  find('#quoted span').textContent = message.text || text(`message.${message.kind}`);
  find('#text').focus();
};

const react = (message) => {
  const choice = (emoji, label) => make('button', {
    textContent: label, onclick: () => act('react', { message: message.id, emoji }),
  });
  find('#reactions form').replaceChildren(...EMOJI.map((emoji) => choice(emoji, emoji)), choice('', text('message.unreact')));
  find('#reactions').showModal();
};

const openList = (message) => {
  find('#options-title').textContent = message.list.button;
  find('#rows').replaceChildren(...message.list.sections.flatMap((section) => [
    ...(section.title ? [make('h4', { textContent: section.title })] : []),
    ...section.rows.map((row) => {
      const button = make('button', { type: 'button', onclick: () => { find('#options').close(); act('choose', { message: message.id, option: row.id }); } },
        row.title, row.description ? make('small', { textContent: row.description }) : null);
      button.dataset.testid = 'row';
      return button;
    }),
  ]));
  find('#options').showModal();
};

const sendFile = async ({ target }) => {
  const [file] = target.files;
  target.value = '';
  find('#attach').open = false;
  if (!file) return;
  const body = new FormData();
  body.append('file', file);
  complain('');
  await ask(`/phone/phones/${phone}/files`, { method: 'POST', body })
    .catch((error) => complain(text('attach.refused', { reason: error.message })));
};

const sendSheet = (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(event.target));
  for (const field of event.target.querySelectorAll('[type=number]')) values[field.name] = Number(values[field.name]);
  event.target.closest('dialog').close();
  act(event.target.dataset.deed, values);
};

// --- connecting ---

const connect = () => {
  find('#who').onsubmit = (event) => {
    event.preventDefault();
    takePhone(Object.fromEntries(new FormData(event.target)));
  };
  find('#other').onclick = putPhoneDown;
  find('#composer').onsubmit = send;
  find('#text').onkeydown = (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) send(event);
  };
  find('#quoted button').onclick = () => reply(null);
  find('#unsupported').onclick = () => { find('#attach').open = false; act('unsupported'); };
  for (const input of document.querySelectorAll('.menu [type=file]')) input.onchange = sendFile;
  for (const button of document.querySelectorAll('[data-open]')) {
    button.onclick = () => { find('#attach').open = false; find(`#${button.dataset.open}`).showModal(); };
  }
  for (const form of document.querySelectorAll('[data-deed]')) form.onsubmit = sendSheet;
  for (const button of document.querySelectorAll('[data-close]')) button.onclick = () => button.closest('dialog').close();
  for (const box of [find('#reachable'), find('#marketing')]) {
    box.onchange = () => phone && act('set', { is_reachable: find('#reachable').checked, accepts_marketing: find('#marketing').checked });
  }
  for (const button of document.querySelectorAll('[data-language]')) {
    button.onclick = () => { choose(button.dataset.language); paint(); panel.paint(); show(); };
  }
  addEventListener('keydown', ({ key }) => { if (key === 'Escape') find('#attach').open = false; });
  addEventListener('visibilitychange', () => { if (phone && view) refresh(); });
  // The typing sign ends by itself, and time goes on.
  setInterval(() => { if (phone && view && (view.is_typing || view.window_is_open)) refresh().catch(() => {}); }, 5000);
};

await load();
paint();
panel.begin(post);
find('#who').elements.name.value = text('who.demo_name');
connect();
const kept = sessionStorage.getItem(KEPT);
if (kept) takePhone(JSON.parse(kept));
document.body.dataset.ready = current();
