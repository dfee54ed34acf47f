import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { MarkdownOptions } from 'vitepress';
import { pageOf, repository } from './pages.ts';

type MarkdownIt = Parameters<NonNullable<MarkdownOptions['config']>>[0];

/** Address of the repository's files on the web, if the build knows one. */
const sourceUrl = process.env['DOCS_SOURCE_URL'];

/** Makes links between files of the repository links between pages. A link to a file that is no page becomes one to its source. */
export function repositoryLinks(md: MarkdownIt): void {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    for (const { children } of tokens) {
      let isPlain = false;
      for (const token of children ?? []) {
        if (token.type === 'link_close' && isPlain) Object.assign(token, { type: 'text', content: '' });
        if (token.type !== 'link_open') continue;
        const href = addressOf(token.attrGet('href') ?? '', env.realPath ?? env.path);
        isPlain = href === undefined;
        if (href === undefined) Object.assign(token, { type: 'text', content: '' });
        else token.attrSet('href', href);
      }
    }
  });
}

/** @returns where a link of a file leads; undefined if it leads to a file that the site has no address of. */
function addressOf(link: string, file: string): string | undefined {
  if (/^([a-z]+:|#|\/)/.test(link)) return link;
  const [path = '', anchor] = link.split('#');
  const target = join(dirname(file), decodeURI(path));
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (!existsSync(target)) return link;
  const source = relative(repository, target).replaceAll('\\', '/');
  if (source === 'README.md') return '/';
  const isFolder = statSync(target).isDirectory();
  const page = pageOf(isFolder ? `${source.replace(/\/$/, '')}/README.md` : source);
  if (page !== undefined) return `/${page.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}${hash}`;
  return sourceUrl === undefined ? undefined : `${sourceUrl}/${source}${hash}`;
}
