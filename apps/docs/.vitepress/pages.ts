import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository, whose Markdown files are the sources of the site. */
export const repository: string = fileURLToPath(new URL('../../../', import.meta.url));

const packages = readdirSync(join(repository, 'packages')).filter((name) => name !== 'test-support');

/** Single pages whose address is not the path of their source. */
const moved: Readonly<Record<string, string>> = {
  'docs/README.md': 'index.md',
  'docs/decisions/README.md': 'decisions/index.md',
  'ARCHITECTURE.md': 'architecture.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'RELIABILITY.md': 'reliability.md',
  'apps/benchmark/README.md': 'benchmark.md',
  'apps/benchmark/RESULTS.md': 'results.md',
  'apps/playground/README.md': 'packages/playground.md',
  'apps/trainer/README.md': 'command-line.md',
};

/** @returns the page that is made from a Markdown file, as a path in the site; undefined for other files. */
export function pageOf(source: string): string | undefined {
  if (Object.hasOwn(moved, source)) return moved[source];
  const [, generated] = /^apps\/docs\/generated\/(.+\.md)$/.exec(source) ?? [];
  if (generated !== undefined) return generated.replace(/README\.md$/, 'index.md');
  const [, name] = /^packages\/([^/]+)\/README\.md$/.exec(source) ?? [];
  if (name !== undefined) return packages.includes(name) ? `packages/${name}.md` : undefined;
  return /^docs\/(.+\.md)$/.exec(source)?.[1];
}

/** Patterns of the Markdown files that are no pages. */
export const excluded: readonly string[] = [
  'README.md',
  'packages/*/!(README).md',
  'packages/*/*/**',
  'packages/test-support/**',
  'apps/{benchmark,playground,trainer}/*/**',
  'scripts/**',
  'deploy/**',
  '.changeset/**',
  '**/.turbo/**',
];

/** A group of pages in the sidebar: their addresses by what they are called there. */
const group = (text: string, pages: Readonly<Record<string, string>>) => ({
  text,
  items: Object.entries(pages).map(([page, link]) => ({ text: page, link })),
});

/** The commands in the order of their generated page, because importing them would bundle the whole command line. */
const commands = [
  ...readFileSync(join(repository, 'apps/docs/generated/reference/commands.md'), 'utf8').matchAll(
    /\]\(commands\/([a-z]+)\.md\)/g,
  ),
].map(([, name = '']) => name);

/** The packages that programs of users import; the others are parts of these. */
const installed = [
  ...['gru4rec', 'model', 'engine-wasm', 'preprocess', 'dataset', 'metrics', 'baselines'],
  ...['comparison', 'tuning', 'serving', 'formats', 'batcher', 'sampler', 'playground'],
];

/** What is needed to use the program. */
const use = [
  group('Start', {
    'Is it for me?': '/is-it-for-me',
    Start: '/start',
    'Coming from Python': '/from-python',
  }),
  group('Data', {
    'Your data': '/data',
    'Your analytics': '/analytics',
    'Large logs': '/scale',
    Spark: '/spark',
  }),
  group('Train', {
    Train: '/train',
    Items: '/items',
    'Watch a training': '/watching-training',
    Tune: '/tuning',
    Engines: '/engines',
    GPUs: '/cuda',
  }),
  group('Evaluate', {
    'Evaluate and compare': '/evaluate',
    Results: '/rsc15',
    "The field's own tables": '/field',
  }),
  group('Serve', {
    'Recommend and export': '/recommend',
    Serve: '/serving',
    'Serving: reference': '/serving-reference',
    'Places of a shop': '/places',
    'What lists earn': '/impact',
    'From clicks to the next model': '/production',
    'A model that knows today': '/fresh',
  }),
  group('Browser', { 'In a browser': '/browser' }),
  group('Library', { Library: '/library', API: '/api/' }),
  {
    ...group('Commands', {
      'All commands': '/reference/commands',
      ...Object.fromEntries(commands.map((name) => [name, `/reference/commands/${name}`])),
      'What scripts can rely on': '/command-line',
      'Hyper-parameters': '/reference/hyper-parameters',
    }),
    collapsed: true,
  },
  {
    ...group('Packages to install', Object.fromEntries(installed.map((name) => [name, `/packages/${name}`]))),
    collapsed: true,
  },
];

/** How it works, and what shows that it does. */
const internals = [
  group('How it works', {
    'A tour of the code': '/tour',
    Architecture: '/architecture',
    Decisions: '/decisions/',
    'How engines compile': '/packages/program',
    'Order of sessions': '/session-order',
  }),
  group('What shows that it does', {
    'Results by question': '/results',
    Benchmarks: '/benchmark',
    Reliability: '/reliability',
  }),
  group('Changing it', { Contributing: '/contributing', Releasing: '/releasing', Changes: '/changelog' }),
];

const inside = [
  ...internals.flatMap(({ items }) => items.map(({ link }) => link)),
  ...packages.filter((name) => !installed.includes(name)).map((name) => `/packages/${name}`),
];

/** The two parts of the site: the pages in groups, for the side of each page, by the beginning of its address. */
export const sidebar = {
  '/': [...use],
  ...Object.fromEntries(inside.map((link) => [link, internals])),
};
