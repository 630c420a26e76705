// Files in the conversation. Pictures are drawn on a canvas: a page's content policy may forbid images from
// elsewhere or from memory, but not drawing.

import { button, make } from './dom.js';

const MEGABYTE = 1_000_000;
const IMAGES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
const PDF = 'application/pdf';
const PREVIEW = 240; // pixels

export const ACCEPTED = [...IMAGES, PDF].join();

/** What the server takes too; it looks at the content, this only spares the customer the wait. */
export const isAcceptable = ({ type, size }) =>
  (IMAGES.includes(type) && size <= 5 * MEGABYTE) || (type === PDF && size <= 10 * MEGABYTE);

/** Hands a file to the customer; the link's address lives only as long as it takes. */
export const save = async (load, name, host) => {
  try {
    const href = URL.createObjectURL(await load());
    make('a', { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  } catch {
    host.onFailure();
  }
};

const draw = async (canvas, load) => {
  const picture = await createImageBitmap(await load());
  const scale = Math.min(1, PREVIEW / picture.width, PREVIEW / picture.height) * devicePixelRatio;
  Object.assign(canvas, { width: picture.width * scale, height: picture.height * scale });
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
};

/** The nodes of a file: a picture of it if it is one, drawn when it comes into view, and a button that saves it. */
export const fileBubble = ({ name, size, kind, type }, load, host) => {
  const nodes = [button('file', {
    textContent: `${name} (${Math.ceil(size / 1000)} kB)`,
    onclick: () => save(load, name, host),
  })];
  if (kind !== 'image' && !IMAGES.includes(type)) return nodes;
  const canvas = make('canvas', { part: 'picture', role: 'img', ariaLabel: name, width: 1, height: 1 });
  new IntersectionObserver(([{ isIntersecting }], observer) => {
    if (!isIntersecting) return;
    observer.disconnect();
    draw(canvas, load).then(host.onDrawn, () => canvas.remove());
  }).observe(canvas);
  return [canvas, ...nodes];
};
