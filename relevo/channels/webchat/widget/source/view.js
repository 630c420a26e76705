// The widget's fixed parts: the launcher, and the panel with header, conversation and text field.

import { button, icon, make } from './dom.js';

const SPEECH = 'M4 5h16v12h-9l-5 4v-4H4zM8 11h.01M12 11h.01M16 11h.01';
const CROSS = 'M6 6l12 12M18 6L6 18';
const CLIP = 'M20 11l-8 8a5 5 0 0 1-7-7l8-8a3 3 0 0 1 5 5l-8 8a1 1 0 0 1-3-3l7-7';
const PLANE = 'M4 12l16-8-6 16-3-6z';
const NAMES = { en: 'EN, English', es: 'ES, español' };

const languages = () => Object.entries(NAMES).map(([lang, ariaLabel]) =>
  button(`language-${lang}`, { lang, ariaLabel, textContent: lang.toUpperCase() }));

const launcher = () => button('launcher', { data: { label: 'launcher.open' } },
  icon(SPEECH), make('span', { part: 'unread', hidden: true }));

const header = (title) => make('div', { part: 'header' }, // a <header> would be a second banner of the page
  make('div', {}, make('h2', { id: 'title', textContent: title }), make('p', { part: 'state', role: 'status' })),
  make('div', { part: 'languages', role: 'group', data: { label: 'language' } }, ...languages()),
  button('close', { data: { label: 'panel.close' } }, icon(CROSS)),
  make('p', { part: 'offline', role: 'status' }));

const composer = () => make('form', { part: 'composer' },
  button('person', { data: { text: 'person' } }),
  make('div', { part: 'files', role: 'group', data: { label: 'files' } }),
  button('attach', { data: { label: 'attach' } }, icon(CLIP)),
  make('input', { part: 'picker', type: 'file', multiple: true, hidden: true, tabIndex: -1 }),
  make('textarea', { part: 'input', rows: 1, maxLength: 4000, enterKeyHint: 'send', data: { label: 'input' } }),
  make('button', { part: 'send', data: { label: 'send' } }, icon(PLANE)));

/** Puts the parts into a shadow root and returns them by name. */
export const build = (root, title) => {
  const log = make('div', { part: 'log', role: 'log', ariaLive: 'polite', tabIndex: 0, data: { label: 'log' } });
  const panel = make('dialog', { part: 'panel', tabIndex: -1 }, header(title), log, composer());
  panel.setAttribute('aria-labelledby', 'title');
  root.append(launcher(), panel);
  return Object.fromEntries([...root.querySelectorAll('[part]')].map((element) => [element.dataset.testid, element]));
};
