// The page of a case: lines that come in, the answer that goes out, and what changes when the case does.

import { atMostEvery, follow, load, renewTokens, swap } from './live.js';

const NEAR = 120; // pixels from the end within which a reader is following along
const WORK = 4_000; // between signs that somebody is writing; customers see each for six seconds

// Browsers allow six connections to a host before HTTP/2: there, pages in the background give theirs back.
const isCrowded = performance.getEntriesByType('navigation')[0]?.nextHopProtocol?.startsWith('http/1') ?? true;

export function followCase(element) {
  const lines = element.querySelector('.lines');
  const scroll = element.querySelector('.scroll');
  const latest = element.querySelector('.latest');
  const title = document.title;
  const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; latest.hidden = true; };
  const isNearEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;

  function add(line) {
    if (lines.querySelector(`[data-position="${line.dataset.position}"]`)) return;
    const follows = isNearEnd();
    const text = line.querySelector('.text').textContent;
    const pending = [...lines.querySelectorAll('.pending')];
    if (line.dataset.author === 'agent') pending.find((other) => other.querySelector('.text').textContent === text)?.remove();
    const before = lines.querySelector('.pending');
    const known = [...lines.querySelectorAll('[data-day]')].at(-1);
    if (known?.dataset.day !== line.dataset.day) lines.insertBefore(dayMark(line.dataset.day), before);
    lines.insertBefore(line, before);
    element.dataset.position = line.dataset.position;
    if (follows) toEnd();
    else latest.hidden = false;
    if (document.hidden && line.dataset.author === 'customer') document.title = `● ${title}`;
  }

  const refresh = atMostEvery(700, async () => {
    const fresh = await load(element.dataset.fragment).catch(() => undefined);
    if (fresh === null) return location.reload();
    if (!fresh || fresh.status !== 200) return;
    renewTokens(fresh);
    for (const part of ['case-head', 'case-facts', 'case-actions']) replace(part, fresh);
  });

  const handlers = {
    open: refresh,
    changed: refresh,
    line: (event) => add(parse(event.data)),
    seen: (event) => markSeen(lines, JSON.parse(event.data)),
    ticks: (event) => markTicks(lines, event.data),
    file: (event) => renew(lines, event.data),
  };
  const address = () => `${element.dataset.events}?after=${element.dataset.position}`;
  let stop = follow(address, handlers);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) document.title = title;
    if (!isCrowded) return;
    stop();
    if (!document.hidden) stop = follow(address, handlers);
  });

  let isFollowing = true;
  scroll.addEventListener('scroll', () => {
    isFollowing = isNearEnd();
    if (isFollowing) latest.hidden = true;
  });
  new ResizeObserver(() => { if (isFollowing) toEnd(); }).observe(scroll); // the composer grows and shrinks
  latest.addEventListener('click', toEnd);
  element.addEventListener('submit', (event) => {
    if (event.target.matches('.composer')) send(event, element, toEnd);
    if (event.target.matches('[data-ends]')) warnOfUnsent(event);
    if (event.target.matches('[data-corrects]')) correct(event);
  });
  element.addEventListener('click', (event) => {
    const phrase = event.target.closest('button.phrase');
    if (!phrase || !document.getElementById('answer')) return;
    event.preventDefault();
    insert(phrase.textContent);
  });
  element.addEventListener('input', (event) => {
    if (event.target.id === 'answer') tellWork();
  });
  lines.addEventListener('toggle', ({ target }) => {
    if (target.open) target.closest('.line').scrollIntoView({ block: 'nearest' });
  }, true); // it does not bubble
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.target.id !== 'answer') return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
  window.addEventListener('beforeunload', (event) => {
    const form = element.querySelector('.composer');
    if (form?.querySelector('#answer').value.trim() && !form.dataset.abandoned) event.preventDefault();
  });
  if (matchMedia('(max-width: 820px)').matches) document.getElementById('case-facts').open = false;
  const wanted = location.hash && document.getElementById(location.hash.slice(1));
  if (wanted) wanted.scrollIntoView({ block: 'center' });
  else toEnd();
  isFollowing = isNearEnd();
}

/** Replace a part of the page. What somebody is writing stays, also when the case is no longer theirs. */
function replace(id, fresh) {
  const old = document.getElementById(id);
  const part = fresh.getElementById(id);
  const isMine = old.dataset.mode === 'mine' && part.dataset.mode === 'mine';
  if (isMine && old.dataset.state === part.dataset.state) return;
  if (id === 'case-facts' && isWriting(old)) return;
  for (const details of [old, ...old.querySelectorAll('details[id]')]) {
    const same = details === old ? part : part.querySelector(`#${details.id}`);
    if (same && 'open' in details) same.open = details.open;
  }
  const answer = old.querySelector('#answer');
  if (isMine) part.querySelector('#answer').value = answer.value;
  swap(old, part);
  if (isMine || !answer?.value.trim()) return;
  const label = Object.assign(document.createElement('label'), { htmlFor: 'kept', textContent: answer.dataset.kept });
  const kept = Object.assign(document.createElement('textarea'), { id: 'kept', value: answer.value, readOnly: true, rows: 3 });
  part.append(label, kept);
}

/** Send the answer without leaving the page; the form's id makes a repeat after a failure harmless. */
async function send(event, element, toEnd) {
  event.preventDefault();
  const form = event.target;
  const [text, button] = [form.querySelector('#answer'), form.querySelector('.primary')];
  if (button.disabled || !text.value.trim()) return;
  button.disabled = true;
  tell(form, '');
  try {
    if (form.dataset.stale) renewTokens(await load(element.dataset.fragment));
    const page = await load(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    const refusal = page?.querySelector('.actions .problem:not([hidden])')?.textContent;
    if (!page || page.status === 403) {
      form.dataset.stale = 'true';
      tell(form, problem(form).dataset.signedOut);
    } else if (page.status !== 200) {
      tell(form, refusal ?? problem(form).dataset.failed);
    } else {
      delete form.dataset.stale;
      showPending(element, text.value.trim());
      form.elements.answer_id.value = page.querySelector('[name=answer_id]')?.value ?? '';
      text.value = '';
      toEnd();
    }
  } catch {
    tell(form, problem(form).dataset.failed);
  }
  button.disabled = false;
  text.focus();
}

/** Keep a supervisor's correction without leaving the page, and with it what is being written. */
async function correct(event) {
  event.preventDefault();
  const form = event.target;
  const line = form.closest('.line');
  const button = form.querySelector('button');
  button.disabled = true;
  const page = await load(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) }).catch(() => undefined);
  const fresh = page?.status === 200 && page.getElementById(line.id);
  if (!fresh) {
    form.submit(); // the server says in a page of its own what is in the way
    return;
  }
  line.replaceWith(document.adoptNode(fresh));
  fresh.querySelector('summary').focus();
  document.getElementById('announcement').textContent = fresh.querySelector('.corrected')?.textContent ?? '';
}

function showPending(element, text) {
  const line = element.querySelector('#pending').content.firstElementChild.cloneNode(true);
  line.querySelector('.text').textContent = text;
  element.querySelector('.lines').append(line);
}

/** Text that was not sent would be lost with the case: the first press only warns. */
function warnOfUnsent(event) {
  const form = document.querySelector('.composer');
  if (!form?.querySelector('#answer').value.trim()) return;
  if (event.target.dataset.warned) {
    form.dataset.abandoned = 'true';
    return;
  }
  event.preventDefault();
  event.target.dataset.warned = 'true';
  tell(form, problem(form).dataset.unsent);
}

/** Whether a form of the details is being filled in. */
function isWriting(part) {
  return [...part.querySelectorAll('textarea, input:not([type=hidden])')].some((field) => field.value !== field.defaultValue);
}

/** Put a phrase of the protocol where the answer's cursor is. */
function insert(text) {
  const answer = document.getElementById('answer');
  const before = answer.value.slice(0, answer.selectionStart);
  const gap = before && !/\s$/.test(before) ? ' ' : '';
  answer.setRangeText(gap + text, answer.selectionStart, answer.selectionEnd, 'end');
  answer.focus();
}

/** Tell the desk, now and then, that an answer is being written: the case stays with its person. */
const tellWork = atMostEvery(WORK, () => {
  const form = document.querySelector('.composer');
  if (form) fetch(form.dataset.work, { method: 'POST', body: new URLSearchParams({ csrf: form.elements.csrf.value }) }).catch(() => {});
});

const problem = (form) => form.querySelector('.problem');

function tell(form, text) {
  problem(form).textContent = text;
  problem(form).hidden = !text;
}

/** How far one's own words have come; positions are two numbers, milliseconds and a count. */
function markSeen(lines, seen) {
  const order = (position) => position.split('-').map(Number);
  const isUpTo = (position, limit) => {
    const [[time, count], [lastTime, lastCount]] = [order(position), order(limit)];
    return time < lastTime || (time === lastTime && count <= lastCount);
  };
  for (const receipt of lines.querySelectorAll('.receipt[data-at]')) {
    const state = ['read', 'delivered'].find((name) => isUpTo(receipt.dataset.at, seen[name]));
    if (state) receipt.textContent = receipt.dataset[state];
  }
}

/** How far what was said on a messenger has come, each line by itself. */
function markTicks(lines, html) {
  const known = new Map([...lines.querySelectorAll('.receipt[data-key]')].map((receipt) => [receipt.dataset.key, receipt]));
  for (const news of new DOMParser().parseFromString(html, 'text/html').querySelectorAll('[data-key]')) {
    const receipt = known.get(news.dataset.key);
    if (!receipt) continue;
    receipt.textContent = news.textContent;
    receipt.dataset.state = news.dataset.state;
    receipt.hidden = false;
  }
}

/** A file that came by a messenger was fetched, or can't be. */
function renew(lines, html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html').querySelector('[data-file]');
  for (const old of lines.querySelectorAll('[data-file]')) {
    if (old.dataset.file === fresh.dataset.file) old.replaceWith(document.adoptNode(fresh));
  }
}

function parse(html) {
  return document.adoptNode(new DOMParser().parseFromString(html, 'text/html').querySelector('.line'));
}

function dayMark(day) {
  const mark = document.createElement('li');
  mark.className = 'day-mark';
  mark.append(document.createElement('span'));
  mark.firstChild.textContent = day;
  return mark;
}
