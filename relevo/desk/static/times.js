// Times that run: how long somebody waits, how long is left until a target.

const skew = Number(document.body.dataset.now) - Date.now() / 1000; // people's clocks are off; the server's counts

/** How long, as `Locale.duration` in locale.py writes it. */
function duration(seconds) {
  const total = Math.max(0, Math.trunc(seconds));
  const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.trunc(total / unit));
  if (!minutes) return `${total} s`;
  if (!hours) return `${minutes} min`;
  if (!days) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${days} d ${hours % 24} h`;
}

/** Bring every running time of the page up to the present. */
export function tick() {
  const now = Date.now() / 1000 + skew;
  for (const time of document.querySelectorAll('time[data-since]')) write(time, duration(now - time.dataset.since));
  for (const time of document.querySelectorAll('time[data-target]')) {
    const left = time.dataset.target - now;
    time.dataset.state = left < 0 ? 'late' : left < 60 ? 'soon' : 'ahead';
    write(time, (left < 0 ? time.dataset.late : time.dataset.left).replace('{}', duration(Math.abs(left))));
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
