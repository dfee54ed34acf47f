import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** A static host on this machine. */
export interface Site {
  /** Ends with a slash. */
  readonly url: string;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** How a static host answers. */
export interface SiteOptions {
  /** Whether its pages are cross-origin isolated, so that they can share memory. */
  readonly isolated?: boolean;
  /** Answers a request itself. @returns whether it did. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Serves the files of a folder on a free port of the loopback interface. A path that ends with `/` is `index.html`. */
export async function serveFolder(
  folder: string,
  { isolated = false, answer = () => false }: SiteOptions = {},
): Promise<Site> {
  const server = createServer((request, response) => {
    if (answer(request, response)) return;
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = normalize(decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
    readFile(join(folder, name)).then(
      (bytes) => {
        const type = types[extname(name)] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type, ...(isolated ? ISOLATION : {}) });
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
