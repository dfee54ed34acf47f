/// <reference lib="dom" />
import { ModelError } from './model-error.ts';
import type { WebSource } from './web-model.ts';

/**
 * The files of a folder on a web server.
 *
 * The host needs nothing special: whole files are fetched, compressed or not. The manifest is asked for again each time, and
 * the others with their checksum as a query, so that a cache never mixes two exports.
 *
 * @param folder - absolute URL, or relative to the page (in a worker, to the worker's script).
 * @throws ModelError if it is no URL.
 */
export function fetchedFiles(folder: string | URL): WebSource {
  const base = folderUrl(String(folder));
  return {
    describe: (name) => new URL(name, base).href,
    async read(name, file) {
      const url = new URL(name, base);
      if (file) url.search = `sha256=${file.sha256.slice(0, 16)}`;
      const response = await fetch(url, file ? {} : { cache: 'no-cache' }).catch((cause) => {
        const why = 'the server does not answer, or does not allow other origins (CORS)';
        throw new ModelError(url.href, `cannot be fetched: ${why}`, { cause });
      });
      if (!response.ok) throw new ModelError(url.href, `cannot be fetched: status ${response.status}`);
      const bytes = await response.arrayBuffer().catch((cause) => {
        throw new ModelError(url.href, 'is truncated: the connection ended early', { cause });
      });
      return new Uint8Array(bytes);
    },
  };
}

function folderUrl(folder: string): URL {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(folder.endsWith('/') ? folder : `${folder}/`, base);
  } catch (cause) {
    throw new ModelError(folder, 'is no URL of a folder', { cause });
  }
}
