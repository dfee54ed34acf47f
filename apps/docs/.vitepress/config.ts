import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vitepress';
import { anchorOf } from '../../../scripts/lib/anchors.mjs';
import { excluded, pageOf, repository, sidebar } from './pages.ts';
import { repositoryLinks } from './repository-links.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Pages outside this folder find Vue as this folder does. */
const vueForPages: NonNullable<UserConfig['vite']>['plugins'] = [
  {
    name: 'vue-for-pages',
    enforce: 'pre',
    resolveId(source, importer, options) {
      const isPage = importer !== undefined && /\.md($|\?)/.test(importer);
      if (!isPage || !/^vue($|\/)/.test(source)) return null;
      return this.resolve(source, here('config.ts'), { ...options, skipSelf: true });
    },
  },
];

/** Path of the site on its host, such as `/gru4rec/`. */
const base = process.env['DOCS_BASE'] ?? '/';

export default defineConfig({
  title: 'GRU4Rec in TypeScript',
  description:
    'Session-based recommendations: train, evaluate and serve GRU4Rec with only Node, or in a browser.',
  base,
  srcDir: repository,
  srcExclude: [...excluded],
  outDir: here('../dist'),
  cacheDir: here('../node_modules/.cache/vitepress'),
  rewrites: (source) => pageOf(source) ?? source,
  head: [['link', { rel: 'icon', href: `${base}playground/icon.svg` }]],
  vite: {
    publicDir: here('../generated/public'),
    build: { chunkSizeWarningLimit: 4096 },
    plugins: [vueForPages],
  },
  markdown: { config: repositoryLinks, anchor: { slugify: anchorOf }, toc: { slugify: anchorOf } },
  themeConfig: {
    // The whole title would not leave the menu enough room at 768 pixels.
    siteTitle: 'GRU4Rec',
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Use', link: '/start' },
      { text: 'Internals', link: '/architecture' },
      { text: 'Commands', link: '/reference/commands' },
      { text: 'API', link: '/api/' },
      { text: 'Playground', link: '/playground/', target: '_self' },
    ],
    sidebar,
  },
});
