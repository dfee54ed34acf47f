import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from './limits.ts';
import { Problem } from './problem.ts';

/** Requests that no route answers, with the reason. */
export const refused: WeakMap<IncomingMessage, Problem> = new WeakMap();

/**
 * Node's server beneath an app. What Node would answer by itself comes to `handler` too, some of it in `refused`, so that every
 * error is answered alike.
 */
export function makeHttpServer(handler: RequestListener): Server {
  const server = createServer({
    requireHostHeader: false,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
  });
  const bounded = boundInFlight(handler);
  server.on('request', bounded);
  server.on('checkExpectation', (request, response) => {
    const got = JSON.stringify(request.headers.expect);
    refused.set(request, new Problem(417, `The header expect expected 100-continue, got ${got}`));
    bounded(request, response);
  });
  return server;
}

/** Closes a connection with too many requests in flight: a client that pipelines without reading would fill the memory. */
function boundInFlight(handler: RequestListener): RequestListener {
  const inFlight = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    const count = (inFlight.get(socket) ?? 0) + 1;
    // The rest of what was read from a closed connection still comes.
    if (count > limits.inFlight || socket.destroyed) return void socket.destroy();
    inFlight.set(socket, count);
    response.once('close', () => inFlight.set(socket, (inFlight.get(socket) ?? 1) - 1));
    handler(request, response);
  };
}
