// WhatsApp's formatting as nodes: *bold*, _italic_, ~struck~, `code`, ```code```, links. Nothing is read as HTML.

const MARKS = [
  [/```([^`]+)```/, 'code'],
  [/`([^`\n]+)`/, 'code'],
  [/(?<![\p{L}\p{N}*])\*(?! )([^*\n]+)(?<! )\*(?![\p{L}\p{N}*])/u, 'strong'],
  [/(?<![\p{L}\p{N}_])_(?! )([^_\n]+)(?<! )_(?![\p{L}\p{N}_])/u, 'em'],
  [/(?<![\p{L}\p{N}~])~(?! )([^~\n]+)(?<! )~(?![\p{L}\p{N}~])/u, 's'],
];
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?»”’')\]]/;

/** The text as nodes. */
export const formatted = (text) => {
  const link = LINK.exec(text);
  if (link) return [...marked(text.slice(0, link.index)), anchor(link[0]), ...formatted(text.slice(link.index + link[0].length))];
  return marked(text);
};

const marked = (text) => {
  const found = MARKS.map(([pattern, tag]) => ({ match: pattern.exec(text), tag })).filter(({ match }) => match);
  if (!found.length) return text ? [text] : [];
  const { match, tag } = found.reduce((first, next) => (next.match.index < first.match.index ? next : first));
  const element = document.createElement(tag);
  element.append(...(tag === 'code' ? [match[1]] : marked(match[1])));
  return [...marked(text.slice(0, match.index)), element, ...marked(text.slice(match.index + match[0].length))];
};

const anchor = (href) => Object.assign(document.createElement('a'), {
  href, textContent: href, target: '_blank', rel: 'noopener noreferrer',
});
