// Own messages on their way, one at a time so that their order holds. They survive a reload and a closed tab,
// each under a key of its own, since tabs share the storage. Another tab may send one again: same id, no harm.

import { backOff, sleep } from './connection.js';

const RETRIES = 2;
const LIFE = 86_400_000; // a question from before yesterday would surprise everyone
const UPLOAD_SECONDS = 120; // ten megabytes over a phone

export class Outbox {
  #busy = false;
  #store; #connection; #onState;

  /** `onState(id, state, reason)` hears of each change. */
  constructor(store, connection, onState) {
    this.#store = store;
    this.#connection = connection;
    this.#onState = onState;
    const kept = store.all('outbox:').filter(Boolean);
    this.items = kept.filter(({ at }) => at > Date.now() - LIFE).sort((one, other) => one.at - other.at);
  }

  /** Sends a message, or a file: `{id, file}`, which lives as long as the page. */
  add(message) {
    const item = { message, at: Date.now() };
    this.items.push(item);
    this.#keep(item);
    this.flush();
  }

  retry(id) {
    const { message } = this.items.find((item) => item.message.id === id);
    this.settle(id);
    this.add(message);
  }

  /** The server has it: by its answer, or by an echo that came first. */
  settle(id) {
    this.items = this.items.filter((item) => item.message.id !== id);
    this.#store.set(`outbox:${id}`);
  }

  /** What failed without a reason from the server is worth another try when the network is back. */
  resume() {
    for (const item of this.items) if (item.failed === '') delete item.failed;
    this.flush();
  }

  async flush() {
    if (this.#busy) return;
    this.#busy = true;
    const next = () => this.#connection.reachable && this.items.find((item) => item.failed === undefined);
    for (let item = next(); item; item = next()) await this.#send(item);
    this.#busy = false;
  }

  async #send(item, tries = 0) {
    const { message } = item;
    if (!this.items.includes(item)) return;
    this.#onState(message.id, 'pending');
    try {
      await this.#deliver(message);
      this.#store.set('greeted'); // from now on it is a conversation
      this.settle(message.id);
    } catch (error) {
      if (!this.#connection.reachable) return; // it waits here until the network is back
      if (tries < RETRIES && !error.final) {
        await sleep(error.wait || backOff(tries + 1));
        await this.#send(item, tries + 1);
      } else if (this.items.includes(item)) {
        item.failed = error.reason ?? '';
        this.#keep(item);
        this.#onState(message.id, 'failed', item.failed);
      }
    }
  }

  #deliver({ file, ...message }) {
    if (!file) return this.#connection.post('messages', message);
    const headers = { 'X-Client-Id': message.id, 'X-File-Name': encodeURIComponent(file.name) };
    return this.#connection.post('attachments', file, { headers, seconds: UPLOAD_SECONDS });
  }

  #keep(item) {
    if (!item.message.file) this.#store.set(`outbox:${item.message.id}`, item);
  }
}
