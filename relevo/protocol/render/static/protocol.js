// The document's script: search, and folded things that open when somebody goes to them or prints.
// The document is complete without it.

const article = document.querySelector('#protocol');
const search = article.querySelector('.search');
const field = search.querySelector('input');
const found = search.querySelector('[role=status]');
const contents = article.querySelector('.contents-list');
const units = [...article.querySelectorAll('[data-unit]')];
const folds = [...article.querySelectorAll('details.fold')];
const openBefore = new Set();

/** A text without accents and capitals, of the same length. */
const fold = (text) => [...text].map((letter) => letter.normalize('NFD')[0].toLowerCase().padEnd(letter.length).slice(0, letter.length)).join('');

const texts = new Map(units.map((unit) => [unit, fold(unit.textContent)]));

/** What stands above a unit: its group's and section's titles find all that is in them. */
function titlesOf(unit) {
  const above = [unit.closest('[data-group]'), unit.closest('[data-section]')].filter(Boolean);
  return above.map((part) => fold(part.querySelector('h2, h3').textContent));
}
const titles = new Map(units.map((unit) => [unit, titlesOf(unit)]));

function show(words) {
  const isSearching = words.length > 0;
  if (isSearching && !article.classList.contains('searching')) folds.forEach((item) => item.open && openBefore.add(item));
  article.classList.toggle('searching', isSearching);
  let count = 0;
  for (const unit of units) {
    const holds = (text) => words.every((word) => text.includes(word));
    const fits = holds(texts.get(unit));
    unit.hidden = !fits && !titles.get(unit).some(holds);
    if (isSearching && fits) count += 1;
    if (unit.matches('details.fold')) unit.open = isSearching ? fits : openBefore.has(unit);
  }
  if (!isSearching) openBefore.clear();
  for (const part of article.querySelectorAll('[data-group], [data-section], table, .items, .steps, .cards, .beside')) {
    const inside = part.querySelectorAll('[data-unit]');
    part.hidden = isSearching && [...inside].every((unit) => unit.hidden);
  }
  for (const link of contents.querySelectorAll('a')) link.classList.toggle('is-empty', document.getElementById(link.hash.slice(1)).hidden);
  const columns = article.querySelector('.columns');
  if (isSearching && columns.getBoundingClientRect().top < 0) columns.scrollIntoView();
  found.textContent = !isSearching ? '' : count === 0 ? search.dataset.none : count === 1 ? search.dataset.one : search.dataset.many.replace('{}', count);
  mark(words);
}

/** Mark the words found, where the browser can do that without touching the text. */
function mark(words) {
  if (!('highlights' in CSS)) return;
  CSS.highlights.delete('found');
  if (!words.length) return;
  const ranges = [];
  for (const unit of units.filter((item) => !item.hidden)) {
    const walker = document.createTreeWalker(unit, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = fold(node.data);
      for (const word of words) {
        for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          ranges.push(range);
        }
      }
    }
  }
  CSS.highlights.set('found', new Highlight(...ranges));
}

const lookUp = () => show(fold(field.value).split(/\s+/).filter(Boolean));

function clear() {
  field.value = '';
  lookUp();
}

/** Whoever goes to something folded wants to read it, and to see it even while searching. */
function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!target || !article.contains(target)) return;
  if (target.closest('[hidden]')) clear();
  const folded = target.closest('details.fold');
  if (folded) folded.open = true;
  target.scrollIntoView();
}

/** In the table of contents, the section that is being read. */
function followReading() {
  const links = new Map([...contents.querySelectorAll('a')].map((link) => [link.hash.slice(1), link]));
  const visible = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) visible[entry.isIntersecting ? 'add' : 'delete'](entry.target.id);
    const first = [...links.keys()].find((id) => visible.has(id));
    if (!first) return;
    for (const [id, link] of links) link.toggleAttribute('aria-current', id === first);
  }, { rootMargin: '-15% 0px -65% 0px' });
  for (const section of article.querySelectorAll('[data-section]')) watch.observe(section);
}

let timer;
field.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(lookUp, 120); });
field.addEventListener('keydown', (event) => { if (event.key === 'Escape') clear(); });
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.matches('input, textarea, select')) return;
  event.preventDefault();
  field.focus();
});
addEventListener('hashchange', openTarget);
let openBeforePrint = [];
addEventListener('beforeprint', () => {
  openBeforePrint = folds.filter((item) => !item.open);
  for (const item of openBeforePrint) item.open = true;
});
addEventListener('afterprint', () => { for (const item of openBeforePrint) item.open = false; });
search.hidden = false;
if (matchMedia('(max-width: 900px)').matches) contents.open = false;
followReading();
if (field.value) lookUp(); // the browser kept it from before
openTarget();
