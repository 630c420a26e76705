// Relevo web chat: one dependency-free <relevo-chat> element. Load it with
// <script src="/webhooks/webchat/widget/relevo.js" data-base="/webhooks/webchat"
//   data-language="es" data-title="Casa Jacaranda" data-open="true" defer></script>
'use strict';
{
  const script = document.currentScript ?? document.querySelector('script[src*="relevo.js"]');
  const here = new URL('.', script.src);
  const LANGUAGES = ['en', 'es'];
  const TEXT_LIMIT = 4000;
  const PERSON = '/contact_human_agent';
  const RETRIES = 2;
  const LONGEST_WAIT = 20_000; // a customer should not stare longer at an unsent message
  const SILENCE = 40_000; // the server beats every 15 s, so this is two beats missed
  const STEADY = 10_000; // a stream that lasted this long was healthy: start the back-off afresh

  const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
  const backOff = (failures) => Math.max(500, Math.min(15_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2));

  // crypto.randomUUID is missing on plain http pages, where a demo may well run.
  const uuid = () => crypto.randomUUID?.() ?? '10000000-1000-4000-8000-100000000000'.replace(/[018]/g,
    (digit) => (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16));

  /** A new element. Its part is the hook for themes, and the test id with the same name the one for tests. */
  const make = (tag, { part, data = {}, ...properties } = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    if (part) Object.assign(element, { part }).dataset.testid = part;
    Object.assign(element.dataset, data);
    element.append(...children);
    return element;
  };

  /** Values that outlive the page; kept in memory where the browser forbids storage. */
  const storage = (area, prefix) => {
    const memory = {};
    return {
      get(key) {
        try { return JSON.parse(window[area].getItem(prefix + key)); } catch { return memory[key] ?? null; }
      },
      set(key, value) {
        memory[key] = value;
        try { window[area].setItem(prefix + key, JSON.stringify(value)); } catch { /* memory has it */ }
      },
    };
  };

  /** Plain text as nodes: only https:// addresses become links, nothing is ever read as HTML. */
  const linkify = (text) => text.split(/(https:\/\/[^\s<>"]+)/).flatMap((piece, index) => {
    if (index % 2 === 0) return piece;
    const address = piece.replace(/[.,;:!?…»”’')\]]+$/, ''); // the full stop belongs to the sentence
    if (!URL.canParse?.(address)) return piece;
    const link = make('a', { href: address, target: '_blank', rel: 'noopener noreferrer', textContent: address });
    return [link, piece.slice(address.length)];
  });

  /** The widget's own words. Elements name theirs in data-text, -label or -hint, so a switch walks over them again. */
  class Texts {
    #tables = { en: { 'launcher.open': 'Open the chat' } };
    language = LANGUAGES[0];

    async load() {
      await Promise.all(LANGUAGES.map(async (language) => {
        const response = await fetch(new URL(`locales/${language}.json`, here));
        if (response.ok) this.#tables[language] = await response.json();
      }));
    }

    get(key, values = {}) {
      const text = this.#tables[this.language]?.[key] ?? this.#tables.en[key] ?? '';
      return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
    }

    put(element, key, values = {}) {
      Object.assign(element.dataset, { text: key, values: JSON.stringify(values) });
      element.textContent = this.get(key, values);
    }

    paint(root) {
      const each = (name, act) => root.querySelectorAll(`[data-${name}]`).forEach((element) => act(element, element.dataset[name]));
      each('text', (element, key) => this.put(element, key, JSON.parse(element.dataset.values ?? '{}')));
      each('label', (element, key) => element.setAttribute('aria-label', this.get(key, element.dataset)));
      each('hint', (element, key) => { element.placeholder = this.get(key); });
      each('at', (element, at) => { element.textContent = this.#time(at * 1000); });
    }

    #time(at) {
      const today = new Date(at).toDateString() === new Date().toDateString();
      const day = today ? {} : { day: 'numeric', month: 'short' };
      return new Intl.DateTimeFormat(`${this.language}-MX`, { ...day, hour: 'numeric', minute: '2-digit' }).format(at);
    }
  }

  /** Cuts a text stream into server-sent events; a chunk may end anywhere, even inside a line. */
  class EventParser {
    #rest = '';
    #id = null;
    #data = [];

    constructor(emit) { this.emit = emit; }

    push(chunk) {
      const lines = (this.#rest + chunk).split('\n');
      this.#rest = lines.pop();
      lines.forEach((line) => this.#read(line.replace(/\r$/, '')));
    }

    #read(line) {
      if (line === '') {
        if (this.#data.length) this.emit(this.#id, this.#data.join('\n'));
        this.#data = [];
        return;
      }
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === 'data') this.#data.push(value);
      if (field === 'id') this.#id = value;
    }
  }

  /** The server said no: why, in the customer's language, and whether asking again can help. */
  class Refusal extends Error {
    static async from(response) {
      const body = await response.json().catch(() => null);
      const refusal = new Refusal(body?.error?.message ?? '');
      refusal.wait = Number(response.headers.get('Retry-After')) * 1000 || 0;
      refusal.final = response.status < 500 && response.status !== 429;
      return refusal;
    }
  }

  /** Talks with the server: starts the conversation, delivers messages, keeps the event stream alive. */
  class Connection {
    reachable = navigator.onLine;
    #token = null;
    #lastId = null;
    #seen = new Set();
    #stream = null;
    #starting = null;
    #listening = false;
    #closed = false;

    constructor(base, store, { language, onEvent, onReach, onRestart }) {
      Object.assign(this, { base, store, language, onEvent, onReach, onRestart });
      addEventListener('offline', () => { this.#reach(false); this.#stream?.abort(); });
    }

    get started() { return Boolean(this.store.get('token')); }

    async deliver(message, again = true) {
      const token = await this.#conversation();
      const response = await this.#request('messages', { token, body: message, signal: AbortSignal.timeout(15_000) });
      if (response.status === 401 && again) {
        this.#drop(token);
        await this.deliver(message, false);
      } else if (!response.ok) throw await Refusal.from(response);
    }

    /** Runs for as long as the widget lives; a lost stream comes back by itself. */
    async listen() {
      this.#closed = false;
      if (this.#listening) return;
      this.#listening = true;
      for (let failures = 0; !this.#closed; failures += 1) {
        const since = Date.now();
        let wait = 0;
        try { await this.#follow(); } catch (error) {
          // A stream that ends in good order is routine; only an error means that the customer is cut off.
          if (!this.#closed) this.#reach(false);
          wait = error.wait ?? 0;
        }
        if (Date.now() - since > STEADY) failures = 0;
        await this.#pause(Math.max(wait, backOff(failures)));
      }
      this.#listening = false;
    }

    close() {
      this.#closed = true;
      this.#stream?.abort();
    }

    #request(path, { token, body, headers, signal } = {}) {
      return fetch(`${this.base}/${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          'Accept-Language': this.language(),
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(body && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        body: body && JSON.stringify(body),
        cache: 'no-store',
        signal,
      });
    }

    /** The token of the conversation, which begins only once there is something to say. */
    async #conversation() {
      // Read afresh each time: another tab of the shop may have started it.
      this.#token = this.store.get('token');
      if (this.#token) return this.#token;
      this.#starting ??= this.#start().finally(() => { this.#starting = null; });
      return this.#starting;
    }

    async #start() {
      const response = await this.#request('conversations', { body: { language: this.language() } });
      if (!response.ok) throw await Refusal.from(response);
      this.#token = (await response.json()).token;
      this.store.set('token', this.#token);
      return this.#token;
    }

    /** The stream and a message may both find the token expired, so the second one changes nothing. */
    #drop(expired) {
      if (this.#token !== expired) return;
      if (this.store.get('token') === expired) this.store.set('token', null);
      this.#token = this.#lastId = null;
      this.#seen.clear(); // the new conversation may count its events from 1 again
      this.#stream?.abort();
      this.onRestart();
    }

    async #follow() {
      const token = await this.#conversation();
      const stream = this.#stream = new AbortController();
      let timer;
      const alive = () => { clearTimeout(timer); timer = setTimeout(() => stream.abort(), SILENCE); };
      alive();
      try {
        const headers = this.#lastId ? { 'Last-Event-ID': this.#lastId } : {};
        const response = await this.#request('events', { token, headers, signal: stream.signal });
        if (response.status === 401) { this.#drop(token); return; }
        if (!response.ok) throw await Refusal.from(response);
        this.#reach(true);
        const parser = new EventParser((id, data) => this.#receive(id, data));
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          alive();
          parser.push(part.value);
        }
      } finally {
        clearTimeout(timer);
      }
    }

    #receive(id, data) {
      if (id !== null) {
        if (this.#seen.has(id)) return;
        this.#seen.add(id);
        this.#lastId = id;
      }
      let event;
      try { event = JSON.parse(data); } catch { return; } // one bad event must not end the conversation
      this.onEvent(event, id);
    }

    #reach(reachable) {
      const changed = reachable !== this.reachable;
      this.reachable = reachable;
      if (changed || reachable) this.onReach();
    }

    #pause(ms) {
      return new Promise((resolve) => {
        const done = () => { clearTimeout(timer); removeEventListener('online', done); resolve(); };
        const timer = setTimeout(done, ms);
        addEventListener('online', done);
      });
    }
  }

  /** Own messages on their way, one at a time so that their order holds; they survive a reload. */
  class Outbox {
    #busy = false;

    constructor(store, connection, onState) {
      Object.assign(this, { store, connection, onState });
      this.items = store.get('outbox') ?? [];
    }

    add(message) { this.#keep([...this.items, { message }]); }

    /** The server has it: by its answer, or by an echo that came first. */
    settle(id) { this.#keep(this.items.filter((item) => item.message.id !== id)); }

    retry(id) {
      const item = this.items.find((other) => other.message.id === id);
      if (!item) return;
      this.settle(id);
      this.add(item.message);
      this.flush();
    }

    /** What failed for want of a network is worth another try when it is back. */
    resume() {
      this.items.filter((item) => item.failed === 'network').forEach((item) => { delete item.failed; });
      this.flush();
    }

    async flush() {
      this.items.forEach((item) => this.#tell(item));
      if (this.#busy) return;
      this.#busy = true;
      const next = () => this.connection.reachable && this.items.find((item) => !item.failed);
      for (let item = next(); item; item = next()) await this.#send(item);
      this.#busy = false;
    }

    async #send(item) {
      for (let tries = 0; this.items.includes(item) && this.connection.reachable; tries += 1) {
        try {
          this.onState(item.message.id, 'sending');
          await this.connection.deliver(item.message);
          this.settle(item.message.id);
        } catch (error) {
          if (!this.connection.reachable || !this.items.includes(item)) return;
          const refused = error instanceof Refusal;
          if (tries < RETRIES && !error.final && !(error.wait > LONGEST_WAIT)) {
            await sleep(error.wait || backOff(tries + 1));
            continue;
          }
          Object.assign(item, { failed: refused ? 'refused' : 'network', reason: refused ? error.message : '' });
          this.#keep(this.items);
          this.#tell(item);
          return;
        }
      }
    }

    #tell(item) {
      const waiting = this.connection.reachable ? 'pending' : 'queued';
      this.onState(item.message.id, item.failed ? 'failed' : waiting, item.reason);
    }

    #keep(items) {
      this.items = items;
      this.store.set('outbox', items);
    }
  }

  /** The conversation on the screen. Confirmed messages stand in the server's order, own unconfirmed ones below. */
  class Log {
    #own = new Map(); // client id → element
    #typing = make('div', { className: 'typing', part: 'typing', hidden: true, ariaHidden: 'true' },
      make('i'), make('i'), make('i'));
    #replies = make('div', { className: 'replies', role: 'group', data: { label: 'replies' } });
    #lastLine = null;
    #timer = null;
    #atEnd = true;

    constructor(element, texts, { onReply, onRetry }) {
      Object.assign(this, { element, texts, onReply, onRetry });
      element.append(this.#typing);
      element.addEventListener('scroll', () => {
        this.#atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
      });
      // A keyboard or a growing text field takes room away; the newest message stays in view.
      new ResizeObserver(() => this.#follow()).observe(element);
    }

    /** A message from the server; an own one that is shown already is only confirmed. */
    receive({ author, text, at, client_id: id, agent }) {
      let element = this.#own.get(id);
      if (element && !element.dataset.state) return;
      if (!element) element = this.#bubble(author, text, agent);
      if (id) this.#own.set(id, element);
      delete element.dataset.state;
      element.lastChild.replaceChildren(make('time', { data: { at } }));
      this.#place(element);
    }

    /** An own message, at once and before the server has it. */
    show({ id, text }) {
      const element = this.#bubble('customer', text);
      element.dataset.state = 'pending';
      this.#own.set(id, element);
      this.#typing.before(element);
      this.#follow(true);
    }

    /** The note below an own message: nothing while pending, else what is up with it. */
    mark(id, state, reason) {
      const element = this.#own.get(id);
      if (!element?.dataset.state || element.dataset.state === state) return;
      element.dataset.state = state;
      const retry = () => {
        this.#typing.before(element);
        this.onRetry(id);
      };
      const notes = {
        queued: () => [make('span', { data: { text: 'message.queued' } })],
        failed: () => [reason ? `${reason} ` : '', make('span', { data: { text: 'message.failed' } }), ' ',
          make('button', { type: 'button', part: 'retry', onclick: retry, data: { text: 'message.retry' } })],
      };
      element.lastChild.replaceChildren(...(notes[state]?.() ?? []));
      this.texts.paint(element);
      this.#follow();
    }

    /** A small line on what happens; a newer one of the same kind in a row takes its place. */
    line(kind, parts) {
      const line = make('div', { className: 'line', part: 'line', data: { kind } },
        ...parts.flatMap(([text, values]) => [make('span', { data: { text, values: JSON.stringify(values) } }), ' ']));
      if (this.#lastLine?.dataset.kind === kind) this.#lastLine.remove();
      this.#lastLine = line;
      this.#place(line);
    }

    typing(on) {
      clearTimeout(this.#timer);
      this.#typing.hidden = !on;
      if (on) this.#timer = setTimeout(() => this.typing(false), 20_000);
      this.#follow();
    }

    suggest(replies = []) {
      this.#replies.replaceChildren(...replies.map(({ title, payload }) => make('button', {
        type: 'button', part: 'quick-reply', textContent: title, onclick: () => this.onReply(title, payload),
      })));
      if (replies.length) this.#typing.after(this.#replies);
      else this.#replies.remove();
      this.texts.paint(this.element);
      this.#follow();
    }

    /** After a reload the whole conversation is replayed, which nobody wants to hear read out. */
    hush(ms) {
      this.element.ariaBusy = 'true';
      setTimeout(() => { this.element.ariaBusy = 'false'; }, ms);
    }

    toEnd() { this.#follow(true); }

    #bubble(author, text, agent) {
      const name = make('span', { className: 'author' });
      if (agent) name.textContent = agent;
      else name.dataset.text = `author.${author}`;
      return make('div', { className: 'message', part: 'message', data: { author } },
        name, make('p', { className: 'bubble', part: `bubble-${author}` }, ...linkify(text)), make('div', { className: 'meta' }));
    }

    #place(element) {
      const unconfirmed = [...this.element.querySelectorAll('[data-state]')].find((other) => other !== element);
      const next = unconfirmed ?? this.#typing;
      if (element.nextSibling !== next) next.before(element);
      this.texts.paint(element);
      this.#follow();
    }

    #follow(always = false) {
      if (always) this.#atEnd = true;
      if (this.#atEnd) this.element.scrollTop = this.element.scrollHeight;
    }
  }

  /** The text field: grows with its text, Enter sends, Shift+Enter makes a new line. */
  class Composer {
    constructor(form, texts, onSend) {
      Object.assign(this, { form, texts, onSend, input: form.elements.text, limit: form.querySelector('.limit') });
      this.input.addEventListener('input', () => this.#fit());
      this.input.addEventListener('keydown', (event) => {
        // Enter also ends a word in an input method (isComposing); that must not send it.
        if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#submit();
      });
      form.addEventListener('submit', (event) => { event.preventDefault(); this.#submit(); });
    }

    #submit() {
      const text = this.input.value.trim();
      if (!text || text.length > TEXT_LIMIT) return;
      this.input.value = '';
      this.#fit();
      this.onSend(text);
    }

    #fit() {
      const count = this.input.value.trim().length;
      this.input.style.height = 'auto';
      this.input.style.height = `${this.input.scrollHeight}px`;
      this.limit.hidden = count < TEXT_LIMIT * 0.9;
      this.input.ariaInvalid = String(count > TEXT_LIMIT);
      this.texts.put(this.limit, 'input.limit', { count, limit: TEXT_LIMIT });
    }
  }

  const icon = (path) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
  const TEMPLATE = document.createElement('template');
  TEMPLATE.innerHTML = `
    <button type="button" part="launcher" data-label="launcher.open">
      ${icon('M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM8 11h.01M12 11h.01M16 11h.01')}
      <span part="unread" hidden></span>
    </button>
    <dialog part="panel" aria-labelledby="title" tabindex="-1">
      <header part="header">
        <div><h2 id="title"></h2><p part="state"></p></div>
        <div class="languages" role="group" data-label="language">
          <button type="button" part="language-en" lang="en" aria-label="EN, English">EN</button>
          <button type="button" part="language-es" lang="es" aria-label="ES, español">ES</button>
        </div>
        <button type="button" part="close" data-label="panel.close">${icon('M6 6l12 12M18 6L6 18')}</button>
      </header>
      <div part="log" role="log" aria-live="polite" tabindex="0" data-label="log"><p class="intro" data-text="intro"></p></div>
      <form part="composer">
        <button type="button" part="person" data-text="person"></button>
        <span class="limit" role="status" hidden></span>
        <textarea part="input" name="text" rows="1" enterkeyhint="send" data-label="input" data-hint="input.hint"></textarea>
        <button part="send" data-label="send">${icon('M4 12l16-8-6 16-3-6z')}</button>
      </form>
    </dialog>`;

  /** Puts the parts together: what the customer does goes out, what the server says comes in. */
  class RelevoChat extends HTMLElement {
    #texts = new Texts();
    #status = { status: 'bot' };
    #phone = matchMedia('(max-width: 480px)');
    #unread = 0;
    #askedAt = 0;
    #at = {}; // part name → element
    #kept; #kept4tab; #connection; #outbox; #log; #ready;

    connectedCallback() {
      if (!this.shadowRoot) this.#build();
      else if (this.#connection.started) this.#connection.listen();
    }

    disconnectedCallback() { this.#connection.close(); }

    async open({ focus = true } = {}) {
      await this.#ready;
      this.#at.panel.removeAttribute('open');
      // A full-screen panel covers the page, so it is modal; the attribute alone opens it without taking the focus.
      if (this.#phone.matches) this.#at.panel.showModal();
      else if (focus) this.#at.panel.show();
      else this.#at.panel.setAttribute('open', '');
      this.#at.launcher.hidden = true;
      this.#kept4tab.set('open', true);
      this.#count(0);
      this.#log.toEnd();
      if (focus || this.#phone.matches) this.#refocus();
    }

    close() {
      if (!this.#at.panel.open) return;
      this.#at.panel.close();
      this.#at.launcher.hidden = false;
      this.#at.launcher.focus();
      this.#kept4tab.set('open', false);
    }

    #option(name) { return this.dataset[name] ?? script.dataset[name]; }

    #build() {
      const base = (this.#option('base') ?? new URL('..', here).href).replace(/\/$/, '');
      this.#kept = storage('localStorage', `relevo:${base}:`);
      this.#kept4tab = storage('sessionStorage', `relevo:${base}:`);
      const root = this.attachShadow({ mode: 'open' });
      const style = make('link', { rel: 'stylesheet', href: new URL('relevo.css', here).href });
      const styled = new Promise((resolve) => { style.onload = style.onerror = resolve; });
      root.append(style, TEMPLATE.content.cloneNode(true));
      for (const element of root.querySelectorAll('[part]')) {
        element.dataset.testid = element.getAttribute('part');
        this.#at[element.dataset.testid] = element;
      }
      root.getElementById('title').textContent = this.#option('title') ?? 'Chat';
      this.#connect();
      this.#listenToCustomer();
      this.#setLanguage(this.#firstLanguage());
      this.#ready = Promise.all([styled, this.#texts.load().catch(() => {})]).then(() => this.#begin());
    }

    #connect() {
      this.#connection = new Connection((this.#option('base') ?? new URL('..', here).href).replace(/\/$/, ''), this.#kept, {
        language: () => this.#texts.language,
        onEvent: (event, id) => (event.type === 'status' ? this.#onStatus(event) : this.#onMessage(event, id)),
        onReach: () => { this.#showState(); this.#outbox.resume(); },
        onRestart: () => { this.#status = { status: 'bot' }; this.#showState(); this.#log.line('restart', [['line.restart']]); },
      });
    }
  }
}
