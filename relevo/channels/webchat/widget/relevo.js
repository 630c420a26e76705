// Relevo web chat: one dependency-free <relevo-chat> element. Load it with
// <script src="/webhooks/webchat/widget/relevo.js" data-base="/webhooks/webchat"
//   data-language="es" data-title="Casa Jacaranda" data-open="true" defer></script>
'use strict';
{
  const script = document.currentScript ?? document.querySelector('script[src*="relevo.js"]');
  const here = new URL('.', script.src);
  const LOCALES = { en: 'en-US', es: 'es-MX' };
  const RETRIES = 2;
  const LONGEST_WAIT = 20_000; // nobody should look longer at an unsent message without a word
  const SILENCE = 40_000; // the server beats every 15 s, so two beats are missing
  const STEADY = 10_000; // a stream that lived this long was healthy: its end starts the back-off afresh
  const RENEWED = Symbol('the conversation has ended, ask again in a new one');
  const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
  const backOff = (failures) => Math.max(500, Math.min(15_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2));

  // Plain http pages have no crypto.randomUUID, but every blob address ends in a fresh UUID.
  const uuid = () => crypto.randomUUID?.() ?? URL.createObjectURL(new Blob()).slice(-36);

  /** A new element; its part is the hook for themes, the test id of the same name the one for tests. */
  const make = (tag, { part, data, ...properties } = {}, ...children) => {
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
      get(key) { try { return JSON.parse(window[area].getItem(prefix + key)); } catch { return memory[key] ?? null; } },
      set(key, value) {
        memory[key] = value;
        try { window[area].setItem(prefix + key, JSON.stringify(value)); } catch { /* memory has it */ }
      },
    };
  };

  /** Plain text as nodes: https:// addresses become links, nothing is ever read as HTML. */
  const linkify = (text) => text.split(/(https:\/\/[^\s<>"/?#.:][^\s<>"]*)/).flatMap((piece, index) => {
    if (index % 2 === 0) return piece;
    const href = piece.replace(/[.,;:!?…»”’')\]]+$/, ''); // the full stop belongs to the sentence
    const link = make('a', { href, target: '_blank', rel: 'noopener noreferrer', textContent: href });
    return [link, piece.slice(href.length)];
  });

  /** The widget's own words. Elements name theirs in data-text, -label or -hint, so a switch only walks over them. */
  class Texts {
    #tables = { en: { 'launcher.open': 'Open the chat' } };
    language = 'en';

    /** Both languages at once, so that a switch is instant and needs no network. */
    load() {
      const tables = Object.keys(LOCALES).map(async (language) => {
        this.#tables[language] = await (await fetch(new URL(`locales/${language}.json`, here))).json();
      });
      return Promise.all(tables).catch(() => sleep(2000).then(() => this.load()));
    }

    get(key, values) {
      const text = this.#tables[this.language]?.[key] ?? this.#tables.en[key] ?? '';
      return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
    }

    paint(root) {
      for (const element of root.querySelectorAll('[data-text], [data-label], [data-hint], [data-at]')) {
        const { text, values = '{}', label, hint, at } = element.dataset;
        const words = text ? this.get(text, JSON.parse(values)) : at && this.#time(new Date(at * 1000));
        if (words && words !== element.textContent) element.textContent = words; // or a screen reader says it again
        if (label) element.ariaLabel = this.get(label, element.dataset);
        if (hint) element.ariaLabel = element.placeholder = this.get(hint);
      }
    }

    #time(at) {
      const day = at.toDateString() === new Date().toDateString() ? {} : { day: 'numeric', month: 'short' };
      return at.toLocaleString(LOCALES[this.language], { ...day, hour: 'numeric', minute: '2-digit' });
    }
  }

  /** Server-sent events; a chunk may end anywhere, so its last piece waits for the rest. */
  async function* readEvents(body, onBytes) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      onBytes();
      const blocks = (rest + part.value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) {
        const field = (name) => [...block.matchAll(new RegExp(`^${name}: ?(.*?)\r?$`, 'gm'))].map((match) => match[1]);
        yield { id: field('id').at(-1), data: field('data').join('\n') };
      }
    }
  }

  /** The server said no: why, in the customer's language, and whether asking again soon can help. */
  const refusal = async (response) => {
    const body = await response.json().catch(() => null);
    const wait = Number(response.headers.get('Retry-After')) * 1000 || 0;
    const passing = response.status >= 500 || response.status === 429;
    return Object.assign(new Error(), { reason: body?.error?.message, wait, final: !passing || wait > LONGEST_WAIT });
  };

  /** Talks with the server: one conversation, messages out, events in. */
  class Connection {
    reachable = navigator.onLine;
    #token = null;
    #lastId = null;
    #seen = new Set();
    #stream; #starting; #listening; #wake;
    constructor(base, store, host) {
      Object.assign(this, { base, store, host });
      addEventListener('offline', () => { this.#reach(false); this.close(); });
      addEventListener('online', () => (this.#listening ? this.#wake?.() : this.#reach(true)));
    }

    get started() { return Boolean(this.store.get('token')); }
    close() { this.#stream?.abort(); }

    async deliver(message) {
      const token = await this.#conversation();
      await this.#request('messages', { token, body: message, signal: AbortSignal.timeout(15_000) });
    }

    async listen() {
      if (this.#listening) return;
      this.#listening = true;
      for (let failures = 0; this.host.present(); failures += 1) {
        const since = Date.now();
        const wait = await this.#follow().catch((error) => {
          // A stream that ends in good order is routine; only an error means that the customer is cut off.
          if (error !== RENEWED) this.#reach(false);
          return error.wait;
        });
        if (Date.now() - since > STEADY) failures = 0;
        const pause = Math.max(wait ?? 0, backOff(failures));
        await new Promise((resolve) => { setTimeout(this.#wake = resolve, pause); });
      }
      this.#listening = false;
    }

    async #request(path, { token, body, headers, signal }) {
      const response = await fetch(`${this.base}/${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          'Accept-Language': this.host.language(),
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(body && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        body: JSON.stringify(body), cache: 'no-store', signal,
      });
      if (response.ok) return response;
      if (response.status !== 401) throw await refusal(response);
      this.#forget(token);
      throw RENEWED;
    }

    /** The token of the conversation, which begins only when there is something to say. */
    async #conversation() {
      const stored = this.store.get('token'); // another tab may have begun it, or begun it anew
      if (this.#token && stored && stored !== this.#token) this.#forget(this.#token);
      this.#token = stored;
      if (stored) return stored;
      this.#starting ??= this.#request('conversations', { body: { language: this.host.language() } })
        .then((response) => response.json())
        .then(({ token }) => { this.store.set('token', this.#token = token); })
        .finally(() => { this.#starting = null; });
      await this.#starting;
      return this.#token;
    }

    /** Drops an expired token. The stream and a message may both find it so; the second changes nothing. */
    #forget(expired) {
      if (this.#token !== expired) return;
      if (this.store.get('token') === expired) this.store.set('token', null);
      this.#token = this.#lastId = null;
      this.#seen.clear(); // the new conversation may count its events from 1 again
      this.#stream?.abort(RENEWED);
      this.host.onRestart();
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
      } finally { clearTimeout(timer); }
    }

    #receive({ id, data }) {
      if (this.#seen.has(id)) return;
      if (id) this.#seen.add(this.#lastId = id);
      // One bad event must not end the conversation.
      try { if (data) this.host.onEvent(JSON.parse(data), id); } catch (error) { console.error(error); }
    }

    #reach(reachable) { this.reachable = reachable; this.host.onReach(); }
  }

  /** Own messages on their way, one at a time so that their order holds; they survive a reload. */
  class Outbox {
    #busy = false;
    constructor(store, connection, onState) {
      Object.assign(this, { store, connection, onState, items: store.get('outbox') ?? [] });
    }

    add(message) { this.#keep([...this.items, { message }]); this.flush(); }

    retry(id) {
      const { message } = this.items.find((item) => item.message.id === id);
      this.settle(id);
      this.add(message);
    }

    /** The server has it: by its answer, or by an echo that came first. */
    settle(id) { this.#keep(this.items.filter((item) => item.message.id !== id)); }

    /** What failed without a reason from the server is worth another try when the network is back. */
    resume() {
      for (const item of this.items) if (item.failed === '') delete item.failed;
      this.flush();
    }

    async flush() {
      if (this.#busy) return;
      this.#busy = true;
      const next = () => this.connection.reachable && this.items.find((item) => item.failed === undefined);
      for (let item = next(); item; item = next()) await this.#send(item);
      this.#busy = false;
    }

    async #send(item, tries = 0) {
      if (!this.items.includes(item)) return;
      this.onState(item.message.id, 'pending');
      try {
        await this.connection.deliver(item.message);
        this.settle(item.message.id);
      } catch (error) {
        if (!this.connection.reachable) return; // it waits here until the network is back
        if (tries < RETRIES && !error.final) {
          await sleep(error.wait || backOff(tries + 1));
          await this.#send(item, tries + 1);
        } else if (this.items.includes(item)) {
          item.failed = error.reason ?? '';
          this.#keep(this.items);
          this.onState(item.message.id, 'failed', item.failed);
        }
      }
    }

    #keep(items) { this.store.set('outbox', this.items = items); }
  }

  /** The conversation on the screen: confirmed messages in the server's order, own unconfirmed ones below. */
  class Log {
    #own = new Map(); // client id → element
    #typing = make('div', { part: 'typing', hidden: true, ariaHidden: true }, make('i'), make('i'), make('i'));
    #replies = make('div', { part: 'replies', role: 'group', data: { label: 'replies' } });
    #atEnd = true;
    #lastLine; #timer;
    constructor(element, texts, host) {
      Object.assign(this, { element, texts, host });
      element.append(this.#typing, this.#replies);
      element.onscroll = () => { this.#atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 60; };
      // A keyboard or a growing text field takes room away; the newest message stays in view.
      new ResizeObserver(() => this.follow()).observe(element);
    }

    /** A message from the server; an own one that is shown already is only confirmed. */
    receive({ author, text, at, client_id: id, agent }) {
      let element = this.#own.get(id);
      if (element && !element.dataset.state) return;
      element ??= this.#bubble(author, text, agent);
      if (id) this.#own.set(id, element);
      delete element.dataset.state;
      element.lastChild.replaceChildren(make('time', { data: { at } }));
      this.#place(element);
    }

    /** An own message, before the server has it. */
    show({ id, text }) {
      const element = this.#bubble('customer', text);
      element.dataset.state = 'pending';
      this.#own.set(id, element);
      this.#place(element);
      this.follow(true);
    }

    mark(id, state, reason) {
      const element = this.#own.get(id);
      if (!element?.dataset.state || element.dataset.state === state) return; // its echo may have been faster
      element.dataset.state = state;
      const onclick = () => this.host.onRetry(id);
      element.lastChild.replaceChildren(...(state === 'failed' ? [
        reason && `${reason} `, make('span', { data: { text: 'message.failed' } }), ' ',
        make('button', { type: 'button', part: 'retry', data: { text: 'message.retry' }, onclick }),
      ] : []));
      this.#place(element);
    }

    /** A small line on what happens; a newer one of the same kind in a row takes its place. */
    line(kind, parts) {
      const spans = parts.map(([text, values]) => make('span', { data: { text, values: JSON.stringify(values) } }));
      if (this.#lastLine?.dataset.kind === kind) this.#lastLine.remove();
      this.#lastLine = make('div', { part: 'line', data: { kind } }, ...spans);
      this.#place(this.#lastLine);
    }

    typing(on) {
      clearTimeout(this.#timer);
      this.#typing.hidden = !on;
      if (on) this.#timer = setTimeout(() => this.typing(false), 20_000);
      this.follow();
    }

    suggest(replies = []) {
      this.#replies.replaceChildren(...replies.map(({ title, payload }) => make('button', {
        type: 'button', part: 'quick-reply', textContent: title, onclick: () => this.host.onReply(title, payload),
      })));
      this.follow();
    }

    follow(always = false) {
      this.#atEnd ||= always;
      if (this.#atEnd) this.element.scrollTop = this.element.scrollHeight;
    }

    #bubble(author, text, agent) {
      const name = agent ? { textContent: agent } : { data: { text: `author.${author}` } };
      return make('div', { part: 'message', data: { author } }, make('span', { className: 'author', ...name }),
        make('p', { className: 'bubble' }, ...linkify(text)), make('div', { className: 'meta' }));
    }

    #place(element) {
      const next = (!element.dataset.state && this.element.querySelector('[data-state]')) || this.#typing;
      if (element.nextSibling !== next) next.before(element);
      this.texts.paint(element);
      this.follow();
    }
  }

  class Composer {
    constructor(form, onSend) {
      Object.assign(this, { onSend, input: form.elements.text });
      form.onsubmit = (event) => this.#submit(event);
      this.input.oninput = () => this.#fit();
      // Enter also ends a word in an input method (isComposing); that must not send it.
      this.input.onkeydown = (event) => {
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) this.#submit(event);
      };
    }

    #submit(event) {
      event.preventDefault();
      const text = this.input.value.trim();
      if (!text) return;
      this.input.value = '';
      this.#fit();
      this.onSend(text);
    }

    #fit() {
      this.input.style.height = 'auto';
      this.input.style.height = `${this.input.scrollHeight}px`;
    }
  }

  const icon = (path) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
  const TEMPLATE = make('template', { innerHTML: `
    <button type="button" part="launcher" data-label="launcher.open">
      ${icon('M4 5h16v12h-9l-5 4v-4H4zM8 11h.01M12 11h.01M16 11h.01')}<span part="unread" hidden></span>
    </button>
    <dialog part="panel" aria-labelledby="title" tabindex="-1">
      <header part="header">
        <div><h2 id="title"></h2><p part="state" role="status"></p></div>
        <div part="languages" role="group" data-label="language">
          <button type="button" part="language-en" lang="en" aria-label="EN, English">EN</button>
          <button type="button" part="language-es" lang="es" aria-label="ES, español">ES</button>
        </div>
        <button type="button" part="close" data-label="panel.close">${icon('M6 6l12 12M18 6L6 18')}</button>
      </header>
      <div part="log" role="log" aria-live="polite" tabindex="0" data-label="log">
        <p part="intro" data-text="intro"></p>
      </div>
      <form part="composer">
        <button type="button" part="person" data-text="person"></button>
        <textarea part="input" name="text" rows="1" maxlength="4000" enterkeyhint="send" data-hint="input"></textarea>
        <button part="send" data-label="send">${icon('M4 12l16-8-6 16-3-6z')}</button>
      </form>
    </dialog>` });

  class RelevoChat extends HTMLElement {
    #texts = new Texts();
    #status = { status: 'bot' };
    #phone = matchMedia('(max-width: 480px)');
    #parts = {}; // name → element
    #unread = 0;
    #newest = null; // event id of the newest message
    #local; #session; #connection; #outbox; #log; #ready;
    connectedCallback() {
      if (!this.shadowRoot) this.#build();
      else if (this.#connection.started) this.#connection.listen();
    }

    disconnectedCallback() { this.#connection.close(); }

    #option(name) { return this.dataset[name] ?? script.dataset[name]; }

    async open({ focus = true } = {}) {
      await this.#ready;
      const { panel, launcher } = this.#parts;
      panel.close();
      // A full-screen panel covers the page, so it is modal; the attribute alone opens without taking the focus.
      if (this.#phone.matches) panel.showModal();
      else panel.toggleAttribute('open', true);
      launcher.hidden = true;
      this.#session.set('open', true);
      this.#count(0);
      this.#log.follow(true);
      if (focus || this.#phone.matches) this.#focus();
    }

    close() {
      const { panel, launcher } = this.#parts;
      panel.close();
      launcher.hidden = false;
      launcher.focus();
      this.#session.set('open', false);
    }

    #build() {
      this.style.display = 'none'; // until its style sheet is there
      const root = this.attachShadow({ mode: 'open' });
      const style = make('link', { rel: 'stylesheet', href: new URL('relevo.css', here) });
      style.onload = style.onerror = () => { this.style.display = ''; };
      root.append(style, TEMPLATE.content.cloneNode(true));
      for (const element of root.querySelectorAll('[part]')) {
        element.dataset.testid = element.getAttribute('part');
        this.#parts[element.dataset.testid] = element;
      }
      root.getElementById('title').textContent = this.#option('title') ?? 'Chat';
      this.#connect(this.#option('base') ?? new URL('..', here).href.slice(0, -1));
      this.#attend();
      this.#showState();
      this.#setLanguage();
      this.#ready = this.#texts.load().then(() => this.#begin());
    }

    #connect(base) {
      this.#local = storage('localStorage', `relevo:${base}:`);
      this.#session = storage('sessionStorage', `relevo:${base}:`);
      this.#connection = new Connection(base, this.#local, {
        present: () => this.isConnected,
        language: () => this.#texts.language,
        onEvent: (event, id) => {
          if (event.type === 'message') this.#onMessage(event, id);
          if (event.type === 'status' && /^(bot|waiting|claimed)$/.test(event.status)) this.#onStatus(event);
        },
        onReach: () => { this.#showState(); this.#outbox.resume(); },
        onRestart: () => this.#onRestart(),
      });
      this.#outbox = new Outbox(this.#session, this.#connection, (id, state, reason) => {
        this.#log.mark(id, state, reason);
        this.#log.typing(state === 'pending' && this.#status.status === 'bot');
      });
    }

    #attend() {
      const { launcher, panel, close, log, composer, person } = this.#parts;
      this.#log = new Log(log, this.#texts, {
        onReply: (title, payload) => { this.#send(title, payload); this.#focus(); },
        onRetry: (id) => this.#outbox.retry(id),
      });
      this.composer = new Composer(composer, (text) => this.#send(text));
      launcher.onclick = () => this.open();
      close.onclick = () => this.close();
      person.onclick = ({ detail: clicks }) => {
        if (clicks > 1) return; // a double click asks once
        this.#send(person.textContent, '/contact_human_agent');
        this.#focus();
      };
      panel.onkeydown = (event) => { if (event.key === 'Escape') this.close(); };
      panel.oncancel = (event) => { event.preventDefault(); this.close(); }; // "back" on a phone
      for (const name of Object.keys(LOCALES)) this.#parts[`language-${name}`].onclick = () => this.#setLanguage(name);
      this.#phone.onchange = () => { if (panel.open) this.open(); };
      // A phone's keyboard covers the page without making it smaller; only the visual viewport knows.
      const screen = window.visualViewport;
      screen?.addEventListener('resize', () => panel.style.setProperty('--visible-height', `${screen.height}px`));
      addEventListener('storage', () => { if (this.#connection.started) this.#connection.listen(); });
    }

    #begin() {
      this.#texts.paint(this.shadowRoot);
      for (const { message, failed } of this.#outbox.items) {
        this.#log.show(message);
        if (failed !== undefined) this.#log.mark(message.id, 'failed', failed);
      }
      this.#outbox.flush();
      // After a reload the whole conversation is replayed, which nobody wants to hear read out.
      this.#parts.log.ariaBusy = this.#connection.started;
      setTimeout(() => { this.#parts.log.ariaBusy = false; }, 1500);
      if (this.#connection.started || this.#outbox.items.length) this.#connection.listen();
      if (this.#session.get('open') ?? this.#option('open') === 'true') this.open({ focus: false });
    }

    #send(text, payload) {
      const message = { id: uuid(), text, language: this.#texts.language, payload };
      this.#log.suggest([]);
      this.#log.show(message);
      this.#outbox.add(message);
      this.#connection.listen();
    }

    #onMessage(message, id) {
      const incoming = message.author !== 'customer';
      this.#newest = id ?? this.#newest;
      this.#log.receive(message);
      if (incoming) this.#log.typing(false);
      else this.#outbox.settle(message.client_id);
      this.#log.suggest(message.author === 'bot' ? message.quick_replies : []);
      if (this.#parts.panel.open || (id && id === this.#local.get('read'))) this.#count(0);
      else if (incoming) this.#count(this.#unread + 1);
    }

    #onStatus(event) {
      const { status, agent, place, folio } = event;
      const unchanged = status === 'bot' && this.#status.status === 'bot';
      this.#status = event;
      this.#showState();
      if (unchanged) return;
      this.#log.typing(false);
      if (status === 'claimed') this.#log.suggest([]);
      const parts = [[status === 'claimed' && !agent ? 'line.person' : `line.${status}`, { agent }]];
      if (place) parts.push(['line.place', { place }]);
      if (folio && status === 'waiting') parts.push(['line.folio', { folio }]);
      this.#log.line(`${status} ${agent}`, parts);
    }

    #onRestart() {
      this.#status = { status: 'bot' };
      this.#local.set('read', null);
      this.#log.suggest([]);
      this.#log.line('restart', [['line.restart', {}]]);
      this.#showState();
    }

    #showState() {
      const { status, agent, place } = this.#status;
      const { reachable } = this.#connection;
      const key = { waiting: place ? 'place' : status, claimed: agent ? status : 'person' }[status] ?? status;
      const { state, header, panel, person } = this.#parts;
      Object.assign(state.dataset, {
        text: `state.${reachable ? key : 'offline'}`, values: JSON.stringify({ agent, place }),
      });
      panel.dataset.status = reachable ? status : 'offline';
      person.hidden = status !== 'bot'; // somebody has been asked already
      this.#texts.paint(header);
      if (!reachable) this.#log.typing(false);
    }

    #count(unread) {
      this.#unread = unread;
      if (!unread && this.#newest) this.#local.set('read', this.#newest);
      const { launcher, unread: badge } = this.#parts;
      Object.assign(badge, { hidden: !unread, textContent: unread });
      Object.assign(launcher.dataset, { label: unread ? 'launcher.unread' : 'launcher.open', count: unread });
      launcher.ariaLabel = this.#texts.get(launcher.dataset.label, launcher.dataset);
    }

    /** The text field, except on touch screens, where it would call up the keyboard unasked. */
    #focus() { this.#parts[matchMedia('(pointer: fine)').matches ? 'input' : 'panel'].focus(); }

    /** The customer's own choice of language holds until the page itself comes in another one. */
    #setLanguage(choice) {
      const page = this.#option('language') ?? navigator.language.slice(0, 2);
      if (choice) this.#local.set('language', { page, choice });
      const kept = this.#local.get('language');
      const language = [kept?.page === page && kept.choice, page].find((name) => name in LOCALES) ?? 'en';
      this.#texts.language = language;
      this.#parts.panel.lang = language;
      for (const name of Object.keys(LOCALES)) this.#parts[`language-${name}`].ariaPressed = name === language;
      this.#texts.paint(this.shadowRoot);
    }
  }

  if (!customElements.get('relevo-chat')) {
    customElements.define('relevo-chat', RelevoChat);
    if (!document.querySelector('relevo-chat')) document.body.append(make('relevo-chat'));
  }
}
