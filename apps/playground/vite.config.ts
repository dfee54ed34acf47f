import { defaultClientConditions, defineConfig } from 'vite';
import { BundledLicences } from './scripts/bundled-licences.ts';

// The source condition bundles the packages from src, so that a build cannot contain a stale dist.
const conditions = ['@gru4rec/source', ...defaultClientConditions];

// With them, the page is isolated and the engine can use threads. Static hosts without them get one thread.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const licences = new BundledLicences();

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  resolve: { conditions },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  plugins: [licences.write('licences.txt')],
  worker: { format: 'es', plugins: () => [licences.collect()] },
  server: { headers },
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
