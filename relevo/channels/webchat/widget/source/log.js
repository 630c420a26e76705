// The conversation on the screen: what the server has, in its order; own messages that it hasn't yet, below.

import { followUpCard, ratingCard } from './cards.js';
import { button, make } from './dom.js';
import { fileBubble, save } from './files.js';
import { formatted, plain } from './format.js';

const NEAR = 60; // pixels from the end within which a reader is following along
const TYPING = { customer: 20_000, bot: 6_000, agent: 6_000 }; // after a customer's message an answer is awaited

/** A position in the stream, "milliseconds-number", as a number. */
const rank = (position) => {
  const [milliseconds, number] = position.split('-');
  return milliseconds * 1000 + Number(number);
};

export class Log {
  #own = new Map(); // client id → element
  #waiting = new Set(); // own elements that the server hasn't confirmed
  #cards = new Map(); // kind and folio → element
  #typing = make('div', { part: 'typing', hidden: true, ariaHidden: true }, make('i'), make('i'), make('i'));
  #replies = make('div', { part: 'replies', role: 'group', data: { label: 'replies' } });
  #atEnd = true;
  #read = 0;
  #line; #timer; #frame; #element; #texts; #host;

  /** `host` hears `onReply`, `onRetry`, `onRate` and `onFailure`, and fetches files with `load`. */
  constructor(element, texts, host) {
    this.#element = element;
    this.#texts = texts;
    this.#host = host;
    element.append(this.#typing, this.#replies);
    element.onscroll = () => {
      this.#atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    };
    // A keyboard or a growing text field takes room away; the newest message stays in view.
    new ResizeObserver(() => this.follow()).observe(element);
    element.onchange = () => this.follow(); // a card has grown
  }

  /** A message or file from the server; an own one that is shown already is only confirmed. */
  receive(entry, position) {
    const { author = 'customer', text, at = Date.now() / 1000, client_id: id, agent } = entry;
    let element = this.#own.get(id);
    if (element && !this.#waiting.has(element)) return;
    element ??= this.#message(author, this.#content(entry, author, text), agent);
    if (id) this.#own.set(id, element);
    this.#waiting.delete(element);
    delete element.dataset.state;
    element.lastChild.replaceChildren(make('time', { data: { at } }));
    if (author === 'customer') this.#tick(element, position);
    this.place(element);
  }

  /** An own message, before the server has it. */
  show({ id, text, file }) {
    const content = file ? fileBubble(file, async () => file, this.#host) : plain(text);
    const element = this.#message('customer', content);
    element.dataset.state = 'pending';
    this.#own.set(id, element);
    this.#waiting.add(element);
    this.place(element);
    this.follow(true);
  }

  mark(id, state, reason) {
    const element = this.#own.get(id);
    if (!this.#waiting.has(element) || element.dataset.state === state) return; // its echo may have been faster
    element.dataset.state = state;
    const onclick = () => this.#host.onRetry(id);
    element.lastChild.replaceChildren(...(state === 'failed' ? [
      reason && `${reason} `, make('span', { data: { text: 'message.failed' } }), ' ',
      button('retry', { data: { text: 'message.retry' }, onclick }),
    ] : []));
    this.place(element);
  }

  /** Someone has read all that the customer wrote up to a position. */
  readUpTo(position) {
    this.#read = Math.max(this.#read, rank(position));
    for (const tick of this.#element.querySelectorAll('[part=tick]')) this.#turn(tick);
    this.#texts.paint(this.#element);
  }

  /** A small line on what happens; a newer one of the same kind in a row takes its place. */
  line(kind, ...parts) {
    const spans = parts.map(([text, values]) => make('span', { data: { text }, values }));
    if (this.#line?.dataset.kind === kind) this.#line.remove();
    this.#line = make('div', { part: 'line', data: { kind } }, ...spans);
    this.place(this.#line);
  }

  followUp(entry) {
    const load = () => this.#host.load(entry.calendar_url);
    this.#card(entry.folio, followUpCard(entry, () => save(load, `${entry.folio}.ics`, this.#host)));
  }

  rating(done) { this.#card('rating', ratingCard(done, this.#texts, this.#host.onRate)); }

  /** Shows that somebody writes: the one named, or whoever answers the customer's own message. */
  typing(author) {
    clearTimeout(this.#timer);
    this.#typing.hidden = !author;
    if (author) this.#timer = setTimeout(() => this.typing(), TYPING[author]);
    this.follow();
  }

  suggest(replies = []) {
    this.#replies.replaceChildren(...replies.map(({ title, payload }) => button('quick-reply', {
      textContent: title, onclick: () => this.#host.onReply(title, payload),
    })));
    this.follow();
  }

  /** Keeps the newest in view for those who are there; once a frame, since it makes the browser measure. */
  follow(always = false) {
    this.#atEnd ||= always;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      if (this.#atEnd) this.#element.scrollTop = this.#element.scrollHeight;
    });
  }

  place(element) {
    const [waiting = this.#typing] = this.#waiting;
    const next = this.#waiting.has(element) ? this.#typing : waiting;
    if (element.nextSibling !== next) next.before(element);
    this.#texts.paint(element);
    this.follow();
  }

  clear() {
    for (const element of this.#element.querySelectorAll('[part=message]')) element.remove();
  }

  #content(entry, author, text) {
    if (entry.type === 'attachment') return fileBubble(entry, () => this.#host.load(entry.url), this.#host);
    return author === 'customer' ? plain(text) : formatted(text);
  }

  #message(author, content, agent) {
    const name = agent ? { textContent: agent } : { data: { text: `author.${author}` } };
    return make('div', { part: 'message', data: { author } }, make('span', { className: 'author', ...name }),
      make('div', { className: 'bubble' }, ...content), make('div', { className: 'meta' }));
  }

  /** A card; a newer one on the same matter takes its place. */
  #card(matter, element) {
    this.#cards.get(matter)?.remove();
    this.#cards.set(matter, element);
    this.place(element);
  }

  #tick(element, position) {
    const tick = make('span', { part: 'tick', role: 'img', rank: rank(position) });
    element.lastChild.append(' ', tick);
    this.#turn(tick);
  }

  #turn(tick) {
    const isRead = tick.rank <= this.#read;
    tick.dataset.label = isRead ? 'tick.read' : 'tick.delivered';
    tick.textContent = isRead ? '✓✓' : '✓';
  }
}
