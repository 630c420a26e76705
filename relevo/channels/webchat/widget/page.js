// Chooses the demo page's language, and hands it on to the chat, whose script runs after this one.
'use strict';
{
  const asked = new URLSearchParams(window.location.search).get('lang') ?? navigator.language.slice(0, 2);
  const language = asked === 'en' ? 'en' : 'es';
  document.documentElement.lang = language;
  document.querySelector('script[src$="relevo.js"]').dataset.language = language;
  for (const button of document.querySelectorAll('[data-open-chat]')) {
    button.addEventListener('click', () => document.querySelector('relevo-chat').open());
  }
}
