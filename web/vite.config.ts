import { defineConfig } from 'vite';

/** The API that `npx vite web` talks to while somebody works on the console: a local host that runs beside it. */
const api = process.env.HOMEOSTAT_URL ?? 'http://127.0.0.1:3007';

export default defineConfig({
  root: import.meta.dirname,
  // The same files answer under any address: a distribution's, a team's own domain, one machine's.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    // Nothing is inlined as data: or script, so that the content security policy can stay strict.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    emptyOutDir: true,
  },
  server: { proxy: { '/api': api, '/docs': api, '/openapi.json': api, '/status': api, '/metrics': api } },
});
