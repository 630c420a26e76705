// What goes on behind the phone: the window, the time, faults on demand, what the business asked of the API.

import { make } from './messages.js';
import { moment, text } from './texts.js';

const FAULTS = {
  none: { kind: 'none' },
  131016: { kind: 'error', code: 131016 },
  130429: { kind: 'error', code: 130429 },
  131056: { kind: 'error', code: 131056 },
  131047: { kind: 'late_error', code: 131047 },
  131026: { kind: 'late_error', code: 131026 },
  190: { kind: 'error', code: 190 },
  368: { kind: 'error', code: 368 },
  latency: { kind: 'latency', seconds: 15 },
  closed: { kind: 'closed' },
  answer_lost: { kind: 'answer_lost' },
  media_expired: { kind: 'media_expired' },
  media_damaged: { kind: 'media_damaged' },
};
const find = (selector) => document.querySelector(selector);

/** Connects the controls; `post(path, body)` sends what people want. */
export const begin = (post) => {
  for (const button of document.querySelectorAll('[data-hours]')) {
    button.onclick = () => post('/phone/clock', { hours: Number(button.dataset.hours) });
  }
  find('#fault').onsubmit = (event) => {
    event.preventDefault();
    const { fault, times } = event.target.elements;
    post('/phone/faults', { ...FAULTS[fault.value], times: Number(times.value) });
  };
  find('#disorder').onchange = ({ target }) => {
    post('/phone/manner', target.checked ? { batch: 5, repeated: 0.3, shuffled: true } : {});
  };
  paint();
};

/** Writes the texts that have no element of their own. */
export const paint = () => {
  const select = find('#fault select');
  const chosen = select.value;
  // "none" comes first: object keys that are numbers would be sorted before it.
  const keys = ['none', ...Object.keys(FAULTS).filter((key) => key !== 'none')];
  select.replaceChildren(...keys.map((key) => make('option', { value: key, textContent: text(`fault.${key}`) })));
  select.value = chosen || 'none';
};

/** Shows the state of things. */
export const show = (view) => {
  const until = view.window_closes_at && moment(view.window_closes_at, true);
  const state = until ? (view.window_is_open ? 'open' : 'closed') : 'never';
  find('#window').textContent = text(`window.${state}`, { until });
  find('#window').dataset.open = String(view.window_is_open || state === 'never');
  const now = moment(view.now, true);
  find('#clock').textContent = text(view.shift_hours ? 'clock.shifted' : 'clock.now', { now, hours: view.shift_hours });
  find('#customer').textContent = `${view.customer.name}, ${view.customer.number}`;
  find('#reachable').checked = view.customer.is_reachable;
  find('#marketing').checked = view.customer.accepts_marketing;
  find('#faults').textContent = view.faults ? text('faults.waiting', { count: view.faults }) : '';
  find('#log-empty').hidden = view.log.length > 0;
  find('#log').replaceChildren(...view.log.toReversed().map(({ at, request, status, code }) => make('li',
    { className: code || !status ? 'bad' : '' },
    make('span', { textContent: moment(at) }), make('span', { textContent: `${status || '—'}${code ? ` #${code}` : ''}` }),
    make('span', { textContent: request }))));
};
