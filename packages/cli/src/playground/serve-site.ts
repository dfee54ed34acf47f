import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';

/** The first two let the page use threads; the others let it and its workers load only its own files. */
const headers: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

const HOST = '127.0.0.1';
const NAMES = ['localhost', '127.0.0.1', '[::1]'];

export interface ServedSite {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers only for a loopback name, so that another site cannot read files through a name that points here. */
export async function serveSite(folder: string, port: number): Promise<ServedSite> {
  const files = sirv(folder, {
    etag: true,
    // The next site may be served at the same address.
    maxAge: 0,
    setHeaders: (response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    },
  });
  const server = createServer((request, response) => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      response.writeHead(refusal, headers).end();
      return;
    }
    // sirv throws for a range that ends before it starts, which would end the process.
    delete request.headers.range;
    files(request, response, () => {
      response.writeHead(404, headers).end();
    });
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${taken}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function refusalOf({ method, headers: { host = '' } }: IncomingMessage): number | undefined {
  if (method !== 'GET' && method !== 'HEAD') return 405;
  return NAMES.includes(host.toLowerCase().replace(/:\d+$/, '')) ? undefined : 403;
}
