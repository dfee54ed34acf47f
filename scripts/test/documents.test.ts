import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { anchorOf } from '../lib/anchors.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const namesIn = (folder: string): string[] => readdirSync(join(root, folder)).sort();

const packages = namesIn('packages');
const folders = ['packages', 'apps'].flatMap((area) => namesIn(area).map((name) => `${area}/${name}`));

/** Every Markdown file that is written by hand, and RESULTS.md. */
const documents = ['.', 'docs', 'docs/decisions', ...folders].flatMap((folder) =>
  namesIn(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

function isBroken(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(root, target))) return true;
  if (anchor === undefined) return false;
  return ![...read(target).matchAll(/^#+ (.+)$/gm)].some(([, heading = '']) => anchorOf(heading) === anchor);
}

it.each<[string, string, (name: string) => string]>([
  [
    'docs/library.md',
    'a link and a description',
    (name) => `^\\| \\[\`${name}\`\\]\\(\\.\\./packages/${name}\\) +\\| \\S`,
  ],
  ['ARCHITECTURE.md', 'what it owns and must not know', (name) => `^\\| \`${name}\` +\\| \\S.*\\| \\S`],
])('the table of packages of %s has for each %s', (path, _, rowOf) => {
  const text = read(path);
  expect(packages.filter((name) => !new RegExp(rowOf(name), 'm').test(text))).toEqual([]);
});

it('the sidebars of the site have every guide', () => {
  const pages = read('apps/docs/.vitepress/pages.ts');
  const guides = namesIn('docs').filter((name) => /^[a-z].*\.md$/.test(name));
  expect(guides.length).toBeGreaterThan(20);
  expect(guides.filter((name) => !pages.includes(`'/${name.replace('.md', '')}'`))).toEqual([]);
});

it('rows of the study in docs/rsc15.md are those of RESULTS.md', () => {
  const rowsOf = (path: string) =>
    read(path)
      .split('\n')
      .filter((line) => /^\|( [^|]+\|)( +\**0\.\d{4}\** \/ \**0\.\d{4}\** \|){2,}$/.test(line))
      .map((line) => line.replaceAll(/ +/g, ' '));
  const known = new Set(rowsOf('apps/benchmark/RESULTS.md'));
  const rows = rowsOf('docs/rsc15.md');
  expect(rows).toHaveLength(13);
  expect(rows.filter((row) => !known.has(row))).toEqual([]);
});

describe('the table of the field', () => {
  const rowsOf = (path: string) => {
    const [, table = ''] = /^\| files.*\n\|.*\n((?:\|.*\n)*)/m.exec(read(path)) ?? [];
    return table.split('\n').flatMap((row) => {
      const cells = row.split('|').map((cell) => cell.trim());
      return cells.length > 1 ? [cells.slice(1)] : [];
    });
  };
  const page = rowsOf('docs/field.md').map(([files = '', , highest = '', gru4rec = '', , , best = '']) => ({
    ...{ files, highest, gru4rec, best },
  }));
  const pairOf = (text: string) => (text.match(/\.\d{4}/g) ?? []).map(Number);
  const mostOf = (cell: string, at: number) =>
    Math.max(...cell.split(', ').map((one) => Number(pairOf(one)[at])));
  type Published = { readonly values: readonly number[]; readonly source: string };
  const published: Readonly<Record<string, readonly Published[]>> = JSON.parse(
    read('apps/benchmark/src/field/published.json'),
  );

  it('in README.md has the figures and marks of its page', () => {
    const rows = rowsOf('README.md').map(([files, highest, gru4rec, best]) => ({
      ...{ files, highest, gru4rec, best },
    }));
    expect(page.length).toBeGreaterThan(2);
    expect(rows).toEqual(
      page.map(({ highest, best, ...row }, at) => ({
        ...row,
        highest: highest.split(', ').find((one) => one === rows[at]?.highest) ?? highest,
        best: best.replaceAll(/ \([^)]*\)‡?| \[3\]/g, ''),
      })),
    );
  });

  it('names the highest figures of published.json, with † where they are quoted from memory', () => {
    let key = '';
    for (const { files, highest, gru4rec } of page) {
      if (!files.startsWith('–')) key = files.toLowerCase().replace(/ in | 1\//, '-');
      const known = published[key] ?? [];
      const shown = [...highest.split(', '), gru4rec].filter((one) => one !== '–');
      for (const one of shown) {
        const entry = known.find(({ values }) => pairOf(one).every((value, at) => value === values[at]));
        expect([files, one, entry?.source.includes('from memory')]).toEqual([files, one, one.includes('†')]);
      }
      for (const at of [0, 1]) {
        const most = Math.max(...known.map(({ values }) => Number(values[at])));
        expect([files, mostOf(highest, at)]).toEqual([files, most]);
      }
    }
  });

  it('is bold at or above the highest figures, and has ° below one that is inside the interval', () => {
    for (const { files, highest, best } of page) {
      const marked = best.split(' / ').map((text, at) => {
        const [value = 0, , upper = 0] = pairOf(text);
        const most = mostOf(highest, at);
        return value >= most ? /^\*\*\.\d{4}\*\* \(/ : most <= upper ? /^\.\d{4}° \(/ : /^\.\d{4} \(/;
      });
      expect(marked).toHaveLength(2);
      for (const [at, form] of marked.entries())
        expect([files, best.split(' / ')[at]]).toEqual([files, expect.stringMatching(form)]);
    }
  });
});

describe('ARCHITECTURE.md', () => {
  const text = read('ARCHITECTURE.md');

  it('has at most 120 lines', () => {
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(120);
  });

  it('names files that exist', () => {
    const named = text.matchAll(/`((?:apps\/)?[\w-]+\/(?:src|test)(?:\/[\w./-]+)?)`/g);
    const paths = [...named].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(20);
    const exists = (path: string) =>
      ['', 'packages', 'apps'].some((area) => existsSync(join(root, area, path)));
    expect(paths.filter((path) => !exists(path))).toEqual([]);
  });
});

describe('RELIABILITY.md', () => {
  /** `cli/killed.{slow,long}` names two files of `packages/cli/test`. */
  function filesOf(name: string): string[] {
    const [, before = name, list = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(name) ?? [];
    return list.split(',').map((part) => {
      const [owner = '', ...path] = `${before}${part}${after}`.split('/');
      const area = owner === 'scripts' ? '' : packages.includes(owner) ? 'packages' : 'apps';
      return join(area, owner, 'test', `${path.join('/')}.test.ts`);
    });
  }

  it('has at most 15 kB', () => {
    expect(Buffer.byteLength(read('RELIABILITY.md'))).toBeLessThan(15_000);
  });

  it('names, for every promise, tests that exist', () => {
    const rows = read('RELIABILITY.md')
      .split('\n')
      .filter((line) => /^\| (?!promise |-)/.test(line));
    expect(rows.length).toBeGreaterThan(70);
    const named = rows.map((row) =>
      [...row.matchAll(/`([\w{][\w./{},-]*\/[\w./{},-]+)`/g)].map(([, name = '']) => name),
    );
    expect(rows.filter((_, at) => named[at]?.length === 0)).toEqual([]);
    const missing = named
      .flat()
      .flatMap(filesOf)
      .filter((file) => !existsSync(join(root, file)));
    expect(missing).toEqual([]);
  });
});

describe('docs/decisions', () => {
  const pages = namesIn('docs/decisions').filter((name) => name !== 'README.md');

  it('has records of at most 250 words', () => {
    const words = (name: string) => read(`docs/decisions/${name}`).split(/\s+/).filter(Boolean).length;
    expect(pages.filter((name) => words(name) > 250)).toEqual([]);
  });

  it('has a list of every page, by number and title', () => {
    const index = read('docs/decisions/README.md');
    const numbers = pages.map((name) => name.slice(0, 4));
    expect(numbers).toEqual([...new Set(numbers)]);
    const isListed = (name: string) => {
      const [, title = ''] = /^# \d{4}: (.+)$/m.exec(read(`docs/decisions/${name}`)) ?? [];
      return index.includes(`[${name.slice(0, 4)}](${name})`) && index.includes(` ${title} `);
    };
    expect(pages.filter((name) => !isListed(name))).toEqual([]);
  });
});

describe('documents', () => {
  it.each(documents)('%s closes every code block with its fence', (document) => {
    const fences = [...read(document).matchAll(/^ *(`{3,})(.*)$/gm)];
    expect(fences.filter(([, fence]) => fence !== '```')).toEqual([]);
    expect(fences.filter(([, , language], at) => at % 2 === 1 && language !== '')).toEqual([]);
    expect(fences.length % 2).toBe(0);
  });

  it.each(documents)('%s has no broken link', (document) => {
    const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(local.filter((link) => isBroken(document, link))).toEqual([]);
  });
});
