// Where the customer writes, and puts files: picked, pasted, or dropped on the panel. A file waits for "send"
// like words do, so that nothing goes out by a slip of the hand.

import { button } from './dom.js';
import { ACCEPTED, isAcceptable } from './files.js';

export class Composer {
  #files = [];
  #input; #chips; #store; #texts; #host;

  /** `store` keeps the draft; `onSend(text, files)`, `onRefused(name)` hear what happens. */
  constructor({ composer, input, files, attach, picker, panel }, store, texts, host) {
    this.#input = input;
    this.#chips = files;
    this.#store = store;
    this.#texts = texts;
    this.#host = host;
    composer.onsubmit = (event) => this.#submit(event);
    input.value = store.get('draft') ?? '';
    input.oninput = () => this.#fit();
    // Enter also ends a word in an input method (isComposing); that must not send it.
    input.onkeydown = (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) this.#submit(event);
    };
    input.onpaste = (event) => this.#take(event, event.clipboardData.files);
    picker.accept = ACCEPTED;
    picker.onchange = (event) => { this.#take(event, picker.files); picker.value = ''; };
    attach.onclick = () => picker.click();
    this.#catch(panel);
  }

  #catch(panel) {
    const hover = (on) => panel.toggleAttribute('data-drop', on);
    panel.ondragover = (event) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      hover(true);
    };
    panel.ondragleave = () => hover(false);
    panel.ondrop = (event) => { hover(false); this.#take(event, event.dataTransfer.files); };
  }

  #take(event, files) {
    if (!files.length) return; // pasted words
    event.preventDefault();
    for (const file of files) {
      if (isAcceptable(file)) this.#files.push(file);
      else this.#host.onRefused(file.name);
    }
    this.#showFiles();
    this.#input.focus();
  }

  #showFiles() {
    this.#chips.replaceChildren(...this.#files.map((file) => button('chip', {
      textContent: `${file.name} ✕`, data: { label: 'file.remove' }, values: { name: file.name },
      onclick: () => {
        this.#files = this.#files.filter((other) => other !== file);
        this.#showFiles();
        this.#input.focus();
      },
    })));
    this.#texts.paint(this.#chips);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#input.value.trim();
    if (!text && !this.#files.length) return;
    const files = this.#files;
    this.#files = [];
    this.#input.value = '';
    this.#showFiles();
    this.#fit();
    this.#host.onSend(text, files);
  }

  #fit() {
    this.#store.set('draft', this.#input.value || null);
    this.#input.style.height = 'auto';
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }
}
