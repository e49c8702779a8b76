import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where a running gateway answers while the console is being worked on (`npm run dev`). */
const gateway = process.env.CGW_DEV_GATEWAY ?? 'http://127.0.0.1:8080';

/**
 * Tables measure their scroll bars with a style that carries no number, which the page's policy refuses with an error
 * for every table. It only copies looks of scroll bars that the console does not have.
 */
const measuredPlainly: Plugin = {
  name: 'scroll-bars-measured-plainly',
  apply: 'build',
  transform(code, id) {
    if (!id.endsWith('@rc-component/util/es/getScrollBarSize.js')) return null;
    if (!code.includes('updateCSS(`')) this.error('scroll bars are measured in another way now: look again');
    return { code: code.replace('updateCSS(`', '((..._written) => undefined)(`'), map: null };
  },
};

export default defineConfig({
  plugins: [react(), measuredPlainly],
  // The gateway replaces the placeholder in every answer: styles are written by the page, scripts only come from files.
  html: { cspNonce: 'CGW-NONCE' },
  build: {
    target: 'es2022',
    manifest: true,
    // Pictures of a few bytes as `data:` would need a wider policy.
    assetsInlineLimit: 0,
    // The map and the charts are large by themselves, and loaded when somebody opens one.
    chunkSizeWarningLimit: 1_200,
    // A preload helper that writes inline scripts is not wanted.
    modulePreload: { polyfill: false },
  },
  server: {
    host: '127.0.0.1',
    fs: { allow: ['../..'] },
    proxy: { '/api': gateway, '/readyz': gateway, '/healthz': gateway, '/acknowledge': gateway },
  },
});
