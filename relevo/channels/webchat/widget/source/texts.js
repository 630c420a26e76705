// The widget's own words. Elements name theirs in data-text and data-label, so a switch only walks over them.

import en from './locales/en.json';
import es from './locales/es.json';

const TABLES = { en, es };
const REGIONS = { en: 'en-US', es: 'es-MX' };

export const LANGUAGES = Object.keys(TABLES);

export class Texts {
  language = 'en';
  #formats = {}; // making a date format takes longer than drawing a message

  get(key, values = {}) {
    return (TABLES[this.language][key] ?? '').replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
  }

  /** Writes the words of everything inside an element; those with gaps take what is in the element's `values`. */
  paint(root) {
    for (const element of root.querySelectorAll('[data-text], [data-label], [data-at]')) {
      const { text, label, at } = element.dataset;
      const words = text === undefined ? at && this.time(at) : this.get(text, element.values);
      // Writing the same again would make a screen reader say it again.
      if (words !== undefined && words !== element.textContent) element.textContent = words;
      if (label) element.ariaLabel = element.placeholder = this.get(label, element.values);
    }
  }

  /** An instant, in seconds of UTC; the day is left out if it is today. */
  time(seconds) {
    const at = new Date(seconds * 1000);
    const isToday = at.toDateString() === new Date().toDateString();
    const day = isToday ? {} : { day: 'numeric', month: 'short' };
    const format = this.#formats[this.language + isToday]
      ??= new Intl.DateTimeFormat(REGIONS[this.language], { ...day, hour: 'numeric', minute: '2-digit' });
    return format.format(at);
  }
}
