// Bundle the chat widget's modules, style sheet and texts into the one file that pages load, relevo.js.
// Usage: npm run build [-- FILE]    (FILE takes the bundle elsewhere, to see whether the kept one is fresh)

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import { minify } from 'terser';

const widget = new URL('../relevo/channels/webchat/widget/', import.meta.url);
const BANNER = '/* Made from source/ by `make widget` */\n';

/** A style sheet as a minified text; esbuild would put it into a file of its own, or leave it as it is. */
const styles = {
  name: 'styles',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};

const { outputFiles: [bundle] } = await build({
  entryPoints: [fileURLToPath(new URL('source/main.js', widget))],
  mangleProps: /^on[A-Z]/, // our own callbacks: those of the browser have no capitals
  bundle: true, minify: true, write: false, charset: 'utf8', format: 'iife', target: 'es2022', plugins: [styles],
});
// Terser finds 2 % more to leave out.
const { code } = await minify(bundle.text, { ecma: 2022 });
const file = `${BANNER}${code}\n`;
await writeFile(process.argv[2] ?? new URL('relevo.js', widget), file);
console.log(`relevo.js: ${gzipSync(file, { level: 9 }).length} bytes gzipped`);
