// The page's words in both languages. Elements name theirs in data-text and data-label.

const LOCALES = { en: 'en-US', es: 'es-MX' };
const tables = {};
let language = 'es';

/** Loads all languages, and begins with the one that was chosen last, else the browser's. */
export const load = async () => {
  const files = Object.keys(LOCALES).map(async (name) => {
    tables[name] = await (await fetch(`/phone/static/${name}.json`)).json();
  });
  await Promise.all(files);
  const chosen = localStorage.getItem('relevo.phone.language') ?? navigator.language.slice(0, 2);
  language = chosen in LOCALES ? chosen : 'en';
};

export const choose = (name) => {
  language = name;
  localStorage.setItem('relevo.phone.language', name);
};

export const current = () => language;

/** The text, with its placeholders filled. */
export const text = (key, values = {}) => tables[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');

/** Writes all texts of a part of the page. */
export const paint = (root = document) => {
  document.documentElement.lang = language;
  document.title = text('title');
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll('[data-label]')) element.ariaLabel = text(element.dataset.label);
  for (const element of root.querySelectorAll('textarea[data-label]')) element.placeholder = text(element.dataset.label);
  for (const button of root.querySelectorAll('[data-language]')) button.ariaPressed = String(button.dataset.language === language);
};

/** A moment in seconds as day and time of day, or the time of day alone. */
export const moment = (seconds, withDay = false) => new Date(seconds * 1000).toLocaleString(LOCALES[language], {
  ...(withDay && { weekday: 'long', day: 'numeric', month: 'long' }), hour: 'numeric', minute: '2-digit',
});
