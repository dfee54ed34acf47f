import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { anchorOf } from '../../../scripts/lib/anchors.mjs';

/**
 * Names the pages of TypeDoc as modules are imported, and repairs its anchors: it numbers some names that occur once.
 *
 * @param {string} folder - of the pages
 */
export function tidyApi(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const texts = new Map(files.map((name) => [join(folder, name), readFileSync(join(folder, name), 'utf8')]));
  const anchors = new Map([...texts].map(([file, text]) => [file, headingsOf(text)]));
  for (const [file, text] of texts) {
    const repaired = text.replace(/\]\(([^)#\s]*)#([\w-]+)-1\)/g, (link, path, anchor) => {
      const target = path === '' ? file : join(dirname(file), path);
      return (anchors.get(target) ?? []).filter((own) => own === anchor).length > 1
        ? link
        : `](${path}#${anchor})`;
    });
    const named = repaired
      .replace(/^# ([\w-]+)\/src(\/.*)?$/m, (_, name, rest = '') => `# ${moduleOf(name)}${rest}`)
      .replace(/\[([\w-]+)\/src(\/[^\]]*)?\]/g, (_, name, rest = '') => `[${moduleOf(name)}${rest}]`);
    writeFileSync(file, named);
  }
}

/** @param {string} name */
function moduleOf(name) {
  return name === 'gru4rec' ? name : `@gru4rec/${name}`;
}

/** @param {string} text */
function headingsOf(text) {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}
