// Talks with the server: one conversation, shared by the site's tabs; messages out, events in.

import { readEvents } from './events.js';

const LONGEST_WAIT = 20_000; // nobody should look longer at an unsent message without a word
const SILENCE = 40_000; // the server beats every 15 s, so two beats are missing
const STEADY = 10_000; // a stream that lived this long was healthy: its end starts the back-off afresh
const GREETING_LIFE = 12 * 3_600_000; // a greeting that nobody answered is gone from the server after a day
const RENEWED = Symbol('the conversation has ended, ask again in a new one');
const RESTING = Symbol('nobody is looking');

export const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
export const backOff = (failures) => Math.min(15_000, 1000 * 2 ** failures) * (0.5 + Math.random() / 2);

/** The server said no: why, in the customer's language, and whether asking again soon can help. */
const refusal = async (response) => {
  const body = await response.json().catch(() => null);
  const wait = Number(response.headers.get('Retry-After')) * 1000 || 0;
  const passing = response.status >= 500 || response.status === 429;
  return Object.assign(new Error(), { reason: body?.error?.message, wait, final: !passing || wait > LONGEST_WAIT });
};

export class Connection {
  reachable = navigator.onLine;
  #token = null;
  #lastId = null;
  #seen = new Set();
  #stream; #starting; #listening; #wake; #base; #store; #host;

  /** `host` tells `present` and `language`, and is told by `onEvent`, `onReach` and `onRestart`. */
  constructor(base, store, host) {
    this.#base = base;
    this.#store = store;
    this.#host = host;
    addEventListener('offline', () => { this.#reach(false); this.rest(); });
    addEventListener('online', () => (this.#listening ? this.#wake?.() : this.#reach(true)));
  }

  /** Whether the customer has said something. Before that there is only a greeting, which waits for no news. */
  get spoken() { return Boolean(this.#store.get('token')) && !this.#store.get('greeted'); }

  /** Ends the stream; `listen` takes it up where it ended. */
  rest() { this.#stream?.abort(RESTING); }

  /** Posts to the conversation, which begins with the first post or look. */
  async post(path, body, { headers, seconds = 15 } = {}) {
    const token = await this.#conversation();
    return this.#request(path, { token, body, headers, signal: AbortSignal.timeout(seconds * 1000) });
  }

  /** A file of the conversation. Its address comes from the server, but the token is shown to ours alone. */
  async load(address) {
    const url = new URL(address, this.#base);
    if (url.origin !== this.#base.origin) throw new Error('not ours');
    return (await this.#request(url, { token: await this.#conversation() })).blob();
  }

  /** A new conversation in place of one in which nothing was said: its greeting is in the language of now. */
  greetAgain() {
    this.#forget(this.#token);
    this.listen();
  }

  async listen() {
    this.#wake?.();
    if (this.#listening) return;
    this.#listening = true;
    for (let failures = 0; this.#host.present(); failures += 1) {
      const since = Date.now();
      const wait = await this.#follow().catch((error) => {
        // A stream that ends in good order is routine; only an error means that the customer is cut off.
        if (typeof error !== 'symbol') this.#reach(false);
        return error === RENEWED ? 1 : error.wait;
      });
      if (Date.now() - since > STEADY) failures = 0;
      await new Promise((resolve) => { setTimeout(this.#wake = resolve, wait || backOff(failures)); });
    }
    this.#listening = false;
  }

  async #request(path, { token, body, headers, signal }) {
    const isJson = body && !(body instanceof Blob); // a file goes as it is
    const response = await fetch(new URL(path, this.#base), {
      method: body ? 'POST' : 'GET',
      headers: {
        'Accept-Language': this.#host.language(),
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(isJson && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: isJson ? JSON.stringify(body) : body, cache: 'no-store', credentials: 'omit', signal,
    });
    if (response.ok) return response;
    if (!token || response.status !== 401) throw await refusal(response);
    this.#forget(token);
    throw RENEWED;
  }

  async #conversation() {
    const kept = this.#store.get('token'); // another tab may have begun it, or begun it anew
    const stored = Date.now() - (this.#store.get('greeted') ?? Infinity) > GREETING_LIFE ? null : kept;
    if (this.#token && this.#token !== stored) this.#forget(this.#token);
    this.#token = stored;
    if (stored) return stored;
    this.#starting ??= this.#begin().finally(() => { this.#starting = null; });
    await this.#starting;
    return this.#token;
  }

  async #begin() {
    const response = await this.#request('conversations', { body: { language: this.#host.language() } });
    this.#token = (await response.json()).token;
    this.#store.set('token', this.#token);
    this.#store.set('greeted', Date.now());
  }

  /** Drops an expired token. The stream and a message may both find it so; the second changes nothing. */
  #forget(expired) {
    if (!expired || this.#token !== expired) return;
    const { spoken } = this;
    if (this.#store.get('token') === expired) this.#store.set('token');
    this.#token = this.#lastId = null;
    this.#seen.clear(); // the new conversation may count its events from 1 again
    this.#stream?.abort(RENEWED);
    this.#host.onRestart(spoken);
  }

  async #follow() {
    const token = await this.#conversation();
    const stream = this.#stream = new AbortController();
    let timer;
    const alive = () => { clearTimeout(timer); timer = setTimeout(() => stream.abort(), SILENCE); };
    alive();
    try {
      const headers = this.#lastId && { 'Last-Event-ID': this.#lastId };
      const response = await this.#request('events', { token, headers, signal: stream.signal });
      this.#reach(true);
      for await (const event of readEvents(response.body, alive)) this.#receive(event);
    } finally {
      clearTimeout(timer);
    }
  }

  #receive({ id, data }) {
    if (this.#seen.has(id)) return;
    if (id) this.#seen.add(this.#lastId = id); // what has no id, such as typing, is not kept by the server
    try {
      if (data) this.#host.onEvent(JSON.parse(data), id);
    } catch (error) {
      console.error(error); // one bad event must not end the conversation
    }
  }

  #reach(reachable) {
    this.reachable = reachable;
    this.#host.onReach();
  }
}
