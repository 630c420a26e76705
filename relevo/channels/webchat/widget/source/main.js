// Relevo's web chat: one dependency-free <relevo-chat> element. Load it with
// <script src="/webhooks/webchat/widget/relevo.js" data-base="/webhooks/webchat"
//   data-language="es" data-title="Casa Jacaranda" data-open="true" defer></script>
// A strict page needs nothing but script-src and connect-src for this address in its content policy.

import { make } from './dom.js';
import { RelevoChat } from './element.js';

const add = () => {
  if (!document.querySelector('relevo-chat')) document.body.append(make('relevo-chat'));
};

if (!customElements.get('relevo-chat')) {
  customElements.define('relevo-chat', RelevoChat);
  if (document.body) add();
  else document.addEventListener('DOMContentLoaded', add);
}
