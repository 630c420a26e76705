// The desk's script: running times, lists that stay current, and the page of a case.
// Every page works without it; it spares people the reloading.

import { followCase } from './case.js';
import { atMostEvery, follow, load, renewTokens, swap } from './live.js';
import { tick } from './times.js';

const announcement = document.querySelector('#announcement');

function followList(list) {
  const refresh = atMostEvery(700, async () => {
    const loaded = await load(list.dataset.fragment + location.search).catch(() => undefined);
    if (loaded === null) return location.reload();
    if (!loaded?.body.firstElementChild) return; // the next event, or the connection coming back, tries again
    const fresh = loaded.body.firstElementChild;
    const known = new Set([...list.querySelectorAll('[data-folio]')].map((row) => row.dataset.folio));
    for (const row of fresh.querySelectorAll('[data-folio]')) row.classList.toggle('fresh', !known.has(row.dataset.folio));
    swap(list.firstElementChild, fresh);
    renewTokens(fresh);
    document.title = fresh.dataset.title;
    if (announcement.textContent !== fresh.dataset.announcement) announcement.textContent = fresh.dataset.announcement;
  });
  follow(() => '/events/queue', { open: refresh, changed: refresh });
}

/** A notice is said once, not again on reloading. */
function forgetNotice() {
  const here = new URL(location);
  for (const name of ['notice', 'folio']) here.searchParams.delete(name);
  history.replaceState(null, '', here);
}

for (const form of document.querySelectorAll('form[data-sends-itself]')) {
  form.addEventListener('change', () => form.requestSubmit());
}
for (const list of document.querySelectorAll('[data-live]')) followList(list);
for (const element of document.querySelectorAll('[data-case]')) followCase(element);
forgetNotice();
setInterval(tick, 1000);
tick();
