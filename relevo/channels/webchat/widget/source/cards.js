// What is more than words: an appointment with its calendar file, and the question how it was.

import { button, make } from './dom.js';

const SCORES = [1, 2, 3, 4, 5];

/** An appointment. `label` tells when in the customer's own time zone, which the server knows better. */
export const followUpCard = ({ folio, starts_at: at, label, calendar_url: calendar }, onSave) =>
  make('div', { part: 'card', role: 'group', data: { label: 'follow_up.title' } },
    make('strong', { data: { text: 'follow_up.title' } }),
    make('span', label ? { textContent: label } : { data: { at } }),
    make('span', { data: { text: 'line.folio' }, values: { folio } }),
    calendar ? button('calendar', { data: { text: 'follow_up.calendar' }, onclick: onSave }) : '');

const star = (score) => make('label', {},
  make('input', { type: 'radio', name: 'score', value: score, data: { label: 'rating.score' }, values: { score } }),
  make('span', { textContent: '★', ariaHidden: true }));

const thanks = () => make('p', { data: { text: 'rating.thanks' } });

/** Five stars and room for words; `onRate(score, comment)` is awaited, then the card says thank you. */
export const ratingCard = (isDone, texts, onRate) => {
  const card = make('form', { part: 'card' });
  if (isDone) {
    card.append(thanks());
    return card;
  }
  const about = { maxLength: 1000, rows: 2, hidden: true, data: { label: 'rating.comment' } };
  const comment = make('textarea', { part: 'comment', ...about });
  const send = make('button', { part: 'rate', hidden: true, data: { text: 'rating.send' } });
  const question = make('legend', { data: { text: 'rating.question' } });
  card.append(make('fieldset', {}, question, ...SCORES.map(star)), comment, send);
  card.onchange = () => { comment.hidden = send.hidden = false; };
  card.onsubmit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    const score = Number(new FormData(card).get('score'));
    if (await onRate(score, comment.value.trim())) card.replaceChildren(thanks());
    send.disabled = false;
    texts.paint(card);
  };
  return card;
};
