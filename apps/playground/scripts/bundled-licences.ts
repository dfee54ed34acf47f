import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin, Rollup } from 'vite';

/**
 * Writes the licences of all bundled packages beside the page, because they demand that their notice goes with copies. Vite's
 * `build.license` leaves out what only workers import.
 */
export class BundledLicences {
  readonly #folders = new Set<string>();

  /** For the bundles of the workers, which end before that of the page. */
  collect(): Plugin {
    return { name: 'collect-licences', generateBundle: (_, bundle) => this.#add(bundle) };
  }

  /** For the bundle of the page. */
  write(fileName: string): Plugin {
    const textOf = (bundle: Rollup.OutputBundle): string => {
      this.#add(bundle);
      return Array.from(this.#folders, describePackage).sort().join('\n');
    };
    return {
      name: 'write-licences',
      generateBundle(_, bundle) {
        this.emitFile({ type: 'asset', fileName, source: textOf(bundle) });
      },
    };
  }

  #add(bundle: Rollup.OutputBundle): void {
    for (const file of Object.values(bundle)) {
      for (const id of file.type === 'chunk' ? file.moduleIds : []) {
        const [, folder] = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id) ?? [];
        if (folder !== undefined) this.#folders.add(folder);
      }
    }
  }
}

function describePackage(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  return `${name} ${version} (${license})\n${text}`;
}
