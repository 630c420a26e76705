// The chat's messages as elements. Each is drawn anew only when it has changed.

import { formatted } from './formatting.js';
import { moment, text } from './texts.js';

const TICKS = { pending: 'i-clock', sent: 'i-one', delivered: 'i-two', read: 'i-two' };
const SHOWN = { image: 'img', sticker: 'img', audio: 'audio', video: 'video' };

/** A new element with properties and children. */
export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
};

export const icon = (name, className = '') => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.ariaHidden = 'true';
  if (className) svg.classList.add(className);
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
};

export class Messages {
  #drawn = new Map();

  /** `on`: what happens on choose(message, option), list(message), reply(message) and react(message). */
  constructor(list, phone, on) { Object.assign(this, { list, phone, on }); }

  /** Shows these messages; true if there is a new one. */
  show(messages) {
    let isNew = false;
    for (const message of messages) {
      const state = JSON.stringify(message) + document.documentElement.lang;
      const known = this.#drawn.get(message.id);
      if (known?.state === state) continue;
      const element = this.#element(message);
      if (known) known.element.replaceWith(element);
      else { this.list.append(element); isNew = true; }
      this.#drawn.set(message.id, { state, element });
    }
    return isNew;
  }

  #element(message) {
    const element = make('li', { className: message.mine ? 'message mine' : 'message' },
      message.quote && this.#quote(message.quote),
      message.header ? make('div', { className: 'head', textContent: message.header }) : null,
      this.#media(message),
      message.text ? make('div', { className: 'words' }, ...formatted(message.text)) : null,
      message.footer ? make('div', { className: 'foot', textContent: message.footer }) : null,
      this.#meta(message), this.#options(message),
      message.reactions.length ? make('div', { className: 'reactions', textContent: message.reactions.join(' ') }) : null,
      this.#deeds(message));
    element.dataset.testid = 'message';
    element.dataset.author = message.mine ? 'customer' : 'business';
    return element;
  }

  #quote({ mine, text: words }) {
    const who = mine ? text('message.you') : document.querySelector('#business').textContent;
    return make('div', { className: 'quote' }, make('b', { textContent: who }), make('span', { textContent: words }));
  }

  #media(message) {
    const label = text(`message.${message.kind}` in LABELS ? `message.${message.kind}` : 'message.document');
    const source = message.link ?? (message.file && `/phone/phones/${this.phone}/files/${message.file}`);
    if (source && message.kind in SHOWN) {
      const element = make(SHOWN[message.kind], { className: 'media', src: source });
      if (message.kind === 'audio' || message.kind === 'video') Object.assign(element, { controls: true, ariaLabel: label });
      else element.alt = label;
      return element;
    }
    if (source) {
      const link = make('a', { href: source, textContent: message.filename || label, target: '_blank', rel: 'noopener noreferrer' });
      return make('div', { className: 'kind' }, icon('i-file'), link);
    }
    if (message.kind === 'location') return make('div', { className: 'kind' }, icon('i-pin'), `${message.latitude}, ${message.longitude}`);
    return `message.${message.kind}` in LABELS ? make('div', { className: 'kind', textContent: label }) : null;
  }

  #meta(message) {
    const ticks = message.mine ? [icon(TICKS[message.progress], message.progress), make('span', { className: 'unseen', textContent: text(`ticks.${message.progress}`) })] : [];
    const meta = make('div', { className: 'meta' }, moment(message.at), ...ticks);
    if (message.mine) Object.assign(meta.dataset, { testid: 'ticks', progress: message.progress });
    return meta;
  }

  #options(message) {
    if (message.list) {
      const button = make('button', { type: 'button', onclick: () => this.on.list(message) }, icon('i-list'), message.list.button);
      button.dataset.testid = 'list';
      return make('div', { className: 'options' }, button);
    }
    if (!message.buttons?.length) return null;
    return make('div', { className: 'options' }, ...message.buttons.map(({ id, title }) => {
      const button = make('button', { type: 'button', textContent: title, onclick: () => this.on.choose(message.id, id) });
      button.dataset.testid = 'option';
      return button;
    }));
  }

  #deeds(message) {
    const deed = (name, glyph, work) => {
      const button = make('button', { type: 'button', className: 'icon', ariaLabel: text(`message.${name}`), onclick: work }, icon(glyph));
      button.dataset.testid = name;
      return button;
    };
    return make('div', { className: 'deeds' },
      deed('reply', 'i-reply', () => this.on.reply(message)), deed('react', 'i-react', () => this.on.react(message)));
  }
}

const LABELS = Object.fromEntries(
  ['image', 'audio', 'video', 'document', 'sticker', 'location', 'contacts', 'unsupported'].map((kind) => [`message.${kind}`, true]),
);
