// How a page stays current: events from the server, and pieces of a page that are loaded again.

import { tick } from './times.js';

const RETRY = 3000;
const connection = document.querySelector('#connection');

/** The document of a page or fragment, with its `status`; null when the session is over. */
export async function load(address, options) {
  const response = await fetch(address, options);
  if (response.status === 401 || new URL(response.url).pathname === '/login') return null;
  if (response.status >= 500) throw new Error(response.statusText);
  const loaded = new DOMParser().parseFromString(await response.text(), 'text/html');
  loaded.status = response.status;
  return loaded;
}

/** After a new login, in another tab perhaps, every form of the page needs the new session's token. */
export function renewTokens(loaded) {
  const token = loaded?.querySelector('[name=csrf]')?.value;
  if (token) for (const field of document.querySelectorAll('[name=csrf]')) field.value = token;
}

/** How many notifications one has not seen to, in the head of the page. */
function showUnread(count) {
  const mark = document.querySelector('.unread');
  mark.textContent = count;
  mark.hidden = count === '0';
}

/** Hear events until the returned function is called. `address` is asked anew for each connection. */
export function follow(address, handlers) {
  let source;
  let timer;
  let isStopped = false;
  const connect = () => {
    source = new EventSource(address());
    source.addEventListener('open', () => { connection.hidden = true; });
    source.addEventListener('unread', (event) => showUnread(event.data));
    for (const [name, handle] of Object.entries(handlers)) source.addEventListener(name, handle);
    source.addEventListener('error', () => {
      connection.hidden = false;
      // Unless it was refused, the browser connects again by itself.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(reconnect, RETRY);
    });
  };
  const reconnect = async () => {
    const page = await load(location.href).catch(() => undefined);
    if (page === null) location.reload(); // to the login
    else if (!isStopped) connect();
  };
  connect();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    source.close();
  };
}

/** Put fresh content in place of old, and the focus back where it was. */
export function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement.id : '';
  old.replaceWith(document.adoptNode(fresh));
  if (focused) document.getElementById(focused)?.focus();
  tick();
}

/** Calls as they come, but at most one in `pause` milliseconds; the last one is never dropped. */
export function atMostEvery(pause, call) {
  let timer = null;
  let again = false;
  const run = () => {
    again = false;
    timer = setTimeout(() => { timer = null; if (again) run(); }, pause);
    call();
  };
  return () => { if (timer) again = true; else run(); };
}
