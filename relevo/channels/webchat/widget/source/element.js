// The <relevo-chat> element: joins the conversation with the server to what is on the screen.

import { Composer } from './composer.js';
import { Connection } from './connection.js';
import { Log } from './log.js';
import { Outbox } from './outbox.js';
import { showStatus } from './status.js';
import { storage } from './storage.js';
import css from './style.css';
import { LANGUAGES, Texts } from './texts.js';
import { build } from './view.js';

const script = document.currentScript ?? document.querySelector('script[src*="relevo.js"]');
const REST_AFTER = 60_000; // a page in the background gives its stream back, unless a person is expected
const LOOKED_AT = 400; // before the customer counts as having read a message
const BOT = { status: 'bot' };

// crypto.randomUUID is kept from plain http pages, but every blob address ends in a fresh UUID.
const uuid = () => URL.createObjectURL(new Blob()).slice(-36);

export class RelevoChat extends HTMLElement {
  #texts = new Texts();
  #status = BOT;
  #place = {};
  #small = matchMedia('(max-width: 480px), (max-height: 420px)'); // a phone, or a page at 200 %
  #resting = false;
  #unread = 0;
  #newest = null; // event id of the newest message
  #reading; #tired; #asked; #parts; #local; #session; #connection; #outbox; #log;

  connectedCallback() {
    if (this.shadowRoot) this.#wake();
    else this.#build();
    // In the top layer neither a page's stacking nor a transformed parent reaches it.
    this.popover = 'manual';
    this.showPopover?.();
  }

  disconnectedCallback() { this.#connection.rest(); }

  open({ focus = true } = {}) {
    const { panel, launcher } = this.#parts;
    panel.close();
    // A full-screen panel covers the page, so it is modal; the attribute alone opens without taking the focus.
    if (this.#small.matches) panel.showModal();
    else panel.toggleAttribute('open', true);
    launcher.hidden = true;
    this.#session.set('open', true);
    this.#count(0);
    this.#log.follow(true);
    this.#wake();
    if (focus || this.#small.matches) this.#focus();
  }

  close() {
    const { panel, launcher } = this.#parts;
    panel.close();
    launcher.hidden = false;
    launcher.focus();
    this.#session.set('open', false);
  }

  #option(name) { return this.dataset[name] ?? script.dataset[name]; }

  #build() {
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet(); // a strict page forbids <style>, but not this
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    this.#parts = build(root, this.#option('title') ?? 'Chat');
    const base = new URL(this.#option('base') ?? new URL('..', script.src), document.baseURI);
    if (!base.pathname.endsWith('/')) base.pathname += '/';
    this.#local = storage(`relevo:${base}:`);
    this.#session = storage(`relevo:${base}:`, 'sessionStorage');
    this.#connect(base);
    this.#attend();
    this.#setLanguage();
    this.#showState();
    this.#begin();
  }

  #connect(base) {
    this.#connection = new Connection(base, this.#local, {
      present: () => this.isConnected && !this.#resting,
      language: () => this.#texts.language,
      onEvent: (event, position) => this.#onEvent(event, position),
      onReach: () => { this.#showState(); this.#outbox.resume(); },
      onRestart: (spoken) => this.#onRestart(spoken),
    });
    this.#outbox = new Outbox(this.#local, this.#connection, (id, state, reason) => {
      this.#log.mark(id, state, reason);
      this.#log.typing(state === 'pending' && this.#status.status === 'bot' ? 'customer' : null);
    });
    this.#log = new Log(this.#parts.log, this.#texts, {
      load: (address) => this.#connection.load(address),
      onReply: (title, payload) => { this.#send({ text: title, payload }); this.#focus(); },
      onRetry: (id) => this.#outbox.retry(id),
      onRate: (score, comment) => this.#rate(score, comment),
      onDrawn: () => this.#log.follow(),
      onFailure: () => this.#log.line('failure', ['file.failed']),
    });
  }

  #attend() {
    const { launcher, panel, close, person } = this.#parts;
    new Composer(this.#parts, this.#session, this.#texts, {
      onSend: (text, files) => {
        if (text) this.#send({ text });
        for (const file of files) this.#send({ file });
      },
      onRefused: (name) => this.#log.line(`refused ${name}`, ['file.refused', { name }]),
    });
    launcher.onclick = () => this.open();
    close.onclick = () => this.close();
    person.onclick = ({ detail: clicks }) => {
      if (clicks > 1) return; // a double click asks once
      this.#send({ text: person.textContent, payload: '/contact_human_agent' });
      this.#focus();
    };
    panel.onkeydown = (event) => { if (event.key === 'Escape' && !event.isComposing) this.close(); };
    panel.oncancel = (event) => { event.preventDefault(); this.close(); }; // "back" on a phone
    for (const name of LANGUAGES) this.#parts[`language-${name}`].onclick = () => this.#setLanguage(name);
    this.#attendWindow(panel);
  }

  #attendWindow(panel) {
    this.#small.onchange = () => { if (panel.open) this.open(); };
    // A phone's keyboard covers the page without making it smaller; only the visual viewport knows.
    const screen = window.visualViewport;
    screen?.addEventListener('resize', () => panel.style.setProperty('--visible-height', `${screen.height}px`));
    addEventListener('storage', () => this.#onOtherTab());
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.#tired);
      if (document.hidden) this.#tired = setTimeout(() => this.#rest(), REST_AFTER);
      else this.#wake();
    });
  }

  #begin() {
    this.#texts.paint(this.shadowRoot);
    for (const { message, failed } of this.#outbox.items) {
      this.#log.show(message);
      if (failed !== undefined) this.#log.mark(message.id, 'failed', failed);
    }
    this.#outbox.flush();
    // After a reload the whole conversation is replayed, which nobody wants to hear read out.
    this.#parts.log.ariaBusy = this.#connection.spoken;
    setTimeout(() => { this.#parts.log.ariaBusy = false; }, 1500);
    if (this.#connection.spoken || this.#outbox.items.length) this.#connection.listen();
    // Unasked, it never covers a whole screen.
    const isWelcome = this.#option('open') === 'true' && !this.#small.matches;
    if (this.#session.get('open') ?? isWelcome) this.open({ focus: false });
  }

  #send({ text, payload, file }) {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const message = { id: uuid(), text, language: this.#texts.language, time_zone: timeZone, payload, file };
    this.#log.suggest();
    this.#log.show(message);
    this.#outbox.add(message);
    this.#connection.listen();
  }

  #rest() {
    if (this.#status.status !== 'bot') return;
    this.#resting = true;
    this.#connection.rest();
  }

  #wake() {
    this.#resting = false;
    if (this.#connection.spoken || this.#parts.panel.open) this.#connection.listen();
    this.#seen();
  }

  /** Another tab has begun a conversation, or its customer has read what is unread here. */
  #onOtherTab() {
    if (this.#connection.spoken) this.#connection.listen();
    if (this.#newest && this.#local.get('seen') === this.#newest) this.#count(0);
  }

  #onEvent(event, position) {
    switch (event.type) {
      case 'message':
      case 'attachment': return this.#onMessage(event, position);
      case 'status': return /^(bot|waiting|claimed)$/.test(event.status) && this.#onStatus(event);
      case 'agent': return event.joined
        ? this.#onStatus({ status: 'claimed', agent: event.name })
        : this.#log.line('left', ['line.left', { agent: event.name }]);
      case 'place': this.#place = event; return this.#showState();
      case 'typing': return this.#log.typing(event.author);
      case 'read': return this.#log.readUpTo(event.position);
      case 'follow_up': return this.#log.followUp(event);
      case 'rating': return this.#onRating(position);
    }
  }

  #onMessage(message, position) {
    const isIncoming = (message.author ?? 'customer') !== 'customer';
    this.#log.receive(message, position);
    if (isIncoming) this.#log.typing();
    else this.#outbox.settle(message.client_id);
    this.#log.suggest(message.author === 'bot' ? message.quick_replies : []);
    this.#newest = position ?? this.#newest;
    // Who writes has read what stands above.
    const isRead = !isIncoming || (position && position === this.#local.get('seen'));
    this.#count(isRead ? 0 : this.#unread + 1);
    this.#seen();
  }

  #onStatus(event) {
    const { status, agent, folio, place } = event;
    const before = this.#status;
    this.#status = event;
    this.#place = { position: place };
    this.#showState();
    if (status === before.status && (status === 'bot' || agent === before.agent)) return;
    this.#log.typing();
    if (status === 'claimed') this.#log.suggest();
    const parts = [[status === 'claimed' && agent ? 'line.agent' : `line.${status}`, { agent }]];
    if (folio && status === 'waiting') parts.push(['line.folio', { folio }]);
    this.#log.line(`${status} ${agent}`, ...parts);
  }

  #onRestart(spoken) {
    this.#status = BOT;
    this.#local.set('seen');
    this.#log.suggest();
    if (spoken) this.#log.line('restart', ['line.restart']);
    else this.#log.clear();
    this.#showState();
  }

  #onRating(position) {
    this.#asked = position;
    this.#log.rating(this.#local.get('rated') === position);
  }

  async #rate(score, comment) {
    try {
      await this.#connection.post('rating', { score, ...(comment && { comment }) });
      this.#local.set('rated', this.#asked);
      this.#focus();
      return true;
    } catch ({ reason }) {
      this.#log.line('failure', ['rating.failed', { reason }]);
      return false;
    }
  }

  #showState() {
    const { reachable } = this.#connection;
    showStatus(this.#parts, this.#texts, this.#status, this.#place, reachable);
    if (!reachable) this.#log.typing();
  }

  #count(unread) {
    const { launcher, unread: badge, panel } = this.#parts;
    this.#unread = panel.open && !document.hidden ? 0 : unread;
    Object.assign(badge, { hidden: !this.#unread, textContent: this.#unread });
    launcher.values = { count: this.#unread };
    launcher.dataset.label = this.#unread ? 'launcher.unread' : 'launcher.open';
    launcher.ariaLabel = this.#texts.get(launcher.dataset.label, launcher.values);
  }

  /** Tells the server, and other tabs, what the customer has on the screen. */
  #seen() {
    const { panel } = this.#parts;
    clearTimeout(this.#reading);
    if (!panel.open || document.hidden || !this.#newest || this.#newest === this.#local.get('seen')) return;
    this.#reading = setTimeout(() => {
      this.#local.set('seen', this.#newest);
      this.#count(0);
      // Who only looks leaves no trace. A post that fails is made up for by the next one.
      if (this.#connection.spoken) this.#connection.post('read', { position: this.#newest }).catch(() => {});
    }, LOOKED_AT);
  }

  /** The text field, except on touch screens, where it would call up the keyboard unasked. */
  #focus() { this.#parts[matchMedia('(pointer: fine)').matches ? 'input' : 'panel'].focus(); }

  /** The customer's own choice of language holds until the page itself comes in another one. */
  #setLanguage(choice) {
    const page = this.#option('language') ?? navigator.language.slice(0, 2);
    if (choice) this.#local.set('language', { page, choice });
    const kept = this.#local.get('language');
    const before = this.#texts.language;
    this.#texts.language = [kept?.page === page && kept.choice, page].find((name) => LANGUAGES.includes(name)) ?? 'en';
    this.lang = this.#texts.language;
    for (const name of LANGUAGES) this.#parts[`language-${name}`].ariaPressed = name === this.#texts.language;
    this.#texts.paint(this.shadowRoot);
    const hasBegun = this.#connection.spoken || this.#outbox.items.length;
    if (choice && before !== this.#texts.language && !hasBegun) this.#connection.greetAgain();
  }
}
