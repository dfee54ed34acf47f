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
  if (generated !== undefined) {
    // `api/model/src.md` and `api/model/src/programs.md` become `api/model.md` and `api/model/programs.md`.
    return generated.replace(/README\.md$/, 'index.md').replace(/^(api\/[^/]+)\/src(?=[/.])/, '$1');
  }
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

interface Page {
  readonly text: string;
  readonly link: string;
}

const page = (text: string, link: string): Page => ({ text, link });

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
const use: readonly { readonly text: string; readonly items: Page[]; readonly collapsed?: boolean }[] = [
  { text: 'Start', items: [page('Start', '/start')] },
  {
    text: 'Data',
    items: [page('Your data', '/data'), page('Large logs', '/scale'), page('Spark', '/spark')],
  },
  {
    text: 'Train',
    items: [
      page('Train', '/train'),
      page('Items', '/items'),
      page('Watch a training', '/watching-training'),
      page('Tune', '/tuning'),
      page('Engines', '/engines'),
      page('GPUs', '/cuda'),
    ],
  },
  {
    text: 'Evaluate',
    items: [page('Evaluate and compare', '/evaluate'), page('Results', '/rsc15')],
  },
  {
    text: 'Serve',
    items: [
      page('Recommend and export', '/recommend'),
      page('Serve', '/serving'),
      page('Serving: reference', '/serving-reference'),
      page('From clicks to the next model', '/production'),
      page('A model that knows today', '/fresh'),
    ],
  },
  { text: 'Browser', items: [page('In a browser', '/browser')] },
  {
    text: 'Library',
    items: [page('Library', '/library'), page('API', '/api/')],
  },
  {
    text: 'Commands',
    collapsed: true,
    items: [
      page('All commands', '/reference/commands'),
      ...commands.map((name) => page(name, `/reference/commands/${name}`)),
      page('What scripts can rely on', '/command-line'),
      page('Hyper-parameters', '/reference/hyper-parameters'),
    ],
  },
  {
    text: 'Packages to install',
    collapsed: true,
    items: installed.map((name) => page(name, `/packages/${name}`)),
  },
];

/** How it works, and what shows that it does. */
const internals = [
  {
    text: 'How it works',
    items: [
      page('Architecture', '/architecture'),
      page('Decisions', '/decisions/'),
      page('How engines compile', '/packages/program'),
      page('Order of sessions', '/session-order'),
    ],
  },
  {
    text: 'What shows that it does',
    items: [
      page('Results by question', '/results'),
      page('Benchmarks', '/benchmark'),
      page('Reliability', '/reliability'),
    ],
  },
  {
    text: 'Changing it',
    items: [
      page('Contributing', '/contributing'),
      page('Releasing', '/releasing'),
      page('Changes', '/changelog'),
    ],
  },
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
