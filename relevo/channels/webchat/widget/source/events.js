// Server-sent events, read by hand: EventSource can't send the Authorization header.

/** Events of a response's body; a chunk may end anywhere, so its last piece waits for the rest. */
export async function* readEvents(body, onBytes) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    onBytes();
    const blocks = (rest + part.value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = block.matchAll(/^(\w+): ?(.*?)\r?$/gm); // comments have no name; our data has one line
      yield Object.fromEntries([...fields].map(([, name, value]) => [name, value]));
    }
  }
}
