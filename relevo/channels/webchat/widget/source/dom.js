// Elements without a line of HTML: pages that demand Trusted Types forbid innerHTML, and text is never markup.

/**
 * A new element.
 *
 * `part` is the hook for themes, and the test id of the same name the one for tests. `data` fills the data-
 * attributes; everything else are the element's own properties.
 */
export const make = (tag, { part, data, ...properties } = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  if (part) Object.assign(element, { part }).dataset.testid = part;
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
};

/** A button, which must never send a form that happens to be around it. */
export const button = (part, properties, ...children) =>
  make('button', { type: 'button', part, ...properties }, ...children);

const SVG = 'http://www.w3.org/2000/svg';

/** A line drawing of 24 × 24 units. */
export const icon = (path) => {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS(SVG, 'path'));
  svg.firstChild.setAttribute('d', path);
  return svg;
};
