// Who the customer is talking with, or waits for and how long, in the panel's header.

/** `status` is the server's latest, `place` the place in line, `reachable` whether the server can be heard. */
export const showStatus = (parts, texts, { status, agent }, { position, wait_minutes: minutes }, reachable) => {
  const { state, header, panel, person, offline } = parts;
  const waiting = minutes ? 'minutes' : position && 'place';
  const detail = { waiting, claimed: agent && 'agent' }[status];
  state.dataset.text = `state.${detail || status}`;
  state.values = { agent, position, minutes };
  offline.dataset.text = reachable ? '' : 'offline';
  panel.dataset.status = reachable ? status : 'offline';
  person.hidden = status !== 'bot'; // somebody has been asked already
  texts.paint(header);
};
