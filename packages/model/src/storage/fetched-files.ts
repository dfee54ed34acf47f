/// <reference lib="dom" />
import { anything, flag, type OptionChecks } from '@gru4rec/checked-options';
import { inWords, ModelError } from './model-error.ts';
import type { WebSource } from './web-model.ts';

/** When fetching a model from a URL ends early. Reading a folder ignores both options. */
export interface FetchOptions {
  /** Ends fetching; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds for all files together, 1 to 2³¹ − 1. Default: 300,000, five minutes. */
  readonly timeoutMs?: number;
}

/** What is read of a model. */
export interface ReadOptions extends FetchOptions {
  /**
   * Whether the optimiser's state in a folder is read and checked (true). It is as large as the parameters. Without, it is zeros,
   * whose memory is taken when they are used: for models that are not trained further.
   */
  readonly optimizer?: boolean;
}

const TIMEOUT_MS = 300_000;
/** Largest delay of `setTimeout`. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
export const readChecks: OptionChecks<ReadOptions> = {
  signal: anything,
  timeoutMs: anything,
  optimizer: flag,
};

const FIRST_BYTES = 65_536;

/**
 * Reads from the files of a folder on a web server. At the end, also that of `read` by an error, nothing is fetched any
 * more.
 *
 * The host needs nothing special: whole files are fetched, compressed or not. The manifest is asked for again each
 * time, and the others with their checksum as a query, so that a cache never mixes two exports.
 */
export async function withFetchedFiles<T>(
  folder: string | URL,
  { signal, timeoutMs = TIMEOUT_MS }: FetchOptions,
  read: (source: WebSource) => Promise<T>,
): Promise<T> {
  const base = folderUrl(String(folder));
  checkTimeout(timeoutMs);
  const ending = new AbortController();
  const stop = () => ending.abort(signal?.reason);
  const timer = setTimeout(() => {
    const problem = `cannot be fetched in ${timeoutMs} ms. Set "timeoutMs" higher for large models and slow hosts`;
    ending.abort(new ModelError(base.href, problem));
  }, timeoutMs);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await read({
      describe: (name) => new URL(name, base).href,
      read(name, most, sha256) {
        const url = new URL(name, base);
        if (sha256 !== undefined) url.search = `sha256=${sha256.slice(0, 16)}`;
        const cache = sha256 === undefined ? 'no-cache' : 'default';
        return fetchFile(url, most, { cache, signal: ending.signal });
      },
    });
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    ending.abort();
  }
}

async function fetchFile(url: URL, most: number, init: RequestInit): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, init).catch((cause) => {
    const why = 'the server does not answer, or does not allow other origins (CORS)';
    throw new ModelError(url.href, `cannot be fetched: ${why}`, { cause });
  });
  if (!response.ok) throw new ModelError(url.href, `cannot be fetched: status ${response.status}`);
  const reader = response.body?.getReader();
  let bytes = new Uint8Array(Math.min(most, FIRST_BYTES));
  let length = 0;
  for (;;) {
    const piece = await reader?.read().catch((cause) => {
      throw new ModelError(url.href, 'is truncated: the connection ended early', { cause });
    });
    if (!piece?.value) return bytes.subarray(0, length);
    const end = length + piece.value.length;
    if (end > most)
      throw new ModelError(url.href, `is another file: expected at most ${inWords(most)}, got more`);
    if (end > bytes.length) {
      const grown = new Uint8Array(Math.min(most, Math.max(2 * bytes.length, end)));
      grown.set(bytes);
      bytes = grown;
    }
    bytes.set(piece.value, length);
    length = end;
  }
}

function checkTimeout(timeoutMs: number): void {
  if (timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return;
  throw new RangeError(`readModel: "timeoutMs" expected 1 to ${MAX_TIMEOUT_MS}, got ${timeoutMs}.`);
}

function folderUrl(folder: string): URL {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(folder.endsWith('/') ? folder : `${folder}/`, base);
  } catch (cause) {
    throw new ModelError(folder, 'is no URL of a folder', { cause });
  }
}
