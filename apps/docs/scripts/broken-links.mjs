import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Links and images of built pages that lead to a missing file or anchor of the site.
 *
 * @param {string} root - the built site
 * @param {string} base - its path on the host
 * @returns {string[]} `page: link`
 */
export function brokenLinks(root, base) {
  const pages = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.html') && !path.startsWith('playground'),
  );
  const texts = new Map(pages.map((page) => [page, readFileSync(join(root, page), 'utf8')]));
  return pages.flatMap((page) =>
    linksOf(texts.get(page) ?? '', base)
      .filter((link) => !leadsSomewhere(root, texts, page, link))
      .map((link) => `${page}: ${link}`),
  );
}

/**
 * @param {string} html
 * @param {string} base
 */
function linksOf(html, base) {
  const links = [...html.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, link = '']) =>
    link.replaceAll('&amp;', '&'),
  );
  const local = [...new Set(links)].filter((link) => !/^[a-z]+:/.test(link));
  return local.map((link) => (link.startsWith(base) ? `/${link.slice(base.length)}` : link));
}

/**
 * @param {string} root
 * @param {ReadonlyMap<string, string>} texts
 * @param {string} page
 * @param {string} link
 */
function leadsSomewhere(root, texts, page, link) {
  const [path = '', anchor] = decodeURI(link).split('#');
  const base = path.startsWith('/') ? root : dirname(join(root, page));
  const target = path === '' ? join(root, page) : join(base, path);
  const file = [target, `${target}.html`, join(target, 'index.html')].find(
    (candidate) => /\.\w+$/.test(candidate) && existsSync(candidate),
  );
  if (file === undefined) return false;
  if (anchor === undefined || anchor === '') return true;
  return (texts.get(relative(root, file)) ?? '').includes(` id="${anchor}"`);
}
