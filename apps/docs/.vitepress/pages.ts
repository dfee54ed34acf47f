import { readdirSync } from 'node:fs';
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

const page = (text: string, link: string) => ({ text, link });

/** The pages in groups, for the side of each page. */
export const sidebar = [
  {
    text: 'Use it',
    items: [
      page('Start', '/start'),
      page('Your data', '/data'),
      page('Train', '/train'),
      page('Watch a training', '/watching-training'),
      page('Evaluate and compare', '/evaluate'),
      page('Tune', '/tuning'),
      page('Recommend and export', '/recommend'),
      page('Serve', '/serving'),
      page('From clicks to the next model', '/production'),
    ],
  },
  {
    text: 'Larger and faster',
    items: [
      page('Large logs', '/scale'),
      page('Spark', '/spark'),
      page('Engines', '/engines'),
      page('GPUs', '/cuda'),
      page('Results', '/rsc15'),
    ],
  },
  { text: 'From code', items: [page('Library', '/library'), page('Browser', '/browser')] },
  {
    text: 'Reference',
    items: [
      page('Commands', '/reference/commands'),
      page('What scripts can rely on', '/command-line'),
      page('Hyper-parameters', '/reference/hyper-parameters'),
      page('API', '/api/'),
    ],
  },
  {
    text: 'Packages',
    collapsed: true,
    items: [...packages, 'playground'].sort().map((name) => page(name, `/packages/${name}`)),
  },
  {
    text: 'How it is made',
    items: [
      page('Architecture', '/architecture'),
      page('Order of sessions', '/session-order'),
      page('Reliability', '/reliability'),
      page('Decisions', '/decisions/'),
      page('Benchmarks', '/benchmark'),
      page('Speed and accuracy', '/results'),
      page('Contributing', '/contributing'),
      page('Releasing', '/releasing'),
      page('Changes', '/changelog'),
    ],
  },
];
