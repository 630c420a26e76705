// What people and the bot write, as nodes: links, *strong*, _stressed_, lists. Nothing is ever read as HTML.

import { make } from './dom.js';

// The first group is an address; a star or an underscore counts only at the edges of words (2*3*4 is a sum).
const ADDRESS = String.raw`(https:\/\/[^\s<>"/?#.:][^\s<>"]*)`;
const LINKS = new RegExp(ADDRESS);
const STRONG = String.raw`(?<![\w*])\*{1,2}(\S|\S[^*\n]*\S)\*{1,2}(?![\w*])`;
const STRESSED = String.raw`(?<!\w)_(\S|\S[^_\n]*\S)_(?!\w)`;
const STYLES = new RegExp(`${ADDRESS}|${STRONG}|${STRESSED}`);
const ITEM = /^\s*[-•*] +/;

const link = (address) => {
  const href = address.replace(/[.,;:!?…»”’')\]*_]+$/, ''); // the full stop belongs to the sentence
  return [
    make('a', { href, target: '_blank', rel: 'noopener noreferrer', textContent: href }),
    address.slice(href.length),
  ];
};

const inline = (text, pattern) => {
  const found = pattern.exec(text);
  if (!found) return [text];
  const [whole, address, strong, stressed] = found;
  const nodes = address ? link(address) : [make(strong ? 'strong' : 'em', { textContent: strong ?? stressed })];
  const rest = text.slice(found.index + whole.length);
  return [text.slice(0, found.index), ...nodes, ...inline(rest, pattern)];
};

/** A customer's own words, as they were typed; addresses can be followed. */
export const plain = (text) => inline(text, LINKS);

/** The company's words, with the simple formatting that chats know. Line breaks are left to the style sheet. */
export const formatted = (text) => {
  const nodes = [];
  let lines = [];
  const flush = () => {
    nodes.push(...inline(lines.join('\n'), STYLES));
    lines = [];
  };
  for (const line of text.split('\n')) {
    if (ITEM.test(line)) {
      flush();
      if (nodes.at(-1)?.tagName !== 'UL') nodes.push(make('ul'));
      nodes.at(-1).append(make('li', {}, ...inline(line.replace(ITEM, ''), STYLES)));
    } else lines.push(line);
  }
  flush();
  return nodes.filter((node) => node !== '');
};
