import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Path of Redis's server, or why it cannot be run. */
export type RedisForTests =
  | { readonly program: string; readonly missing?: never }
  | { readonly missing: string };

/** Milliseconds to wait for a server to start. */
const START_MS = 30_000;

/**
 * Shell code that runs a server until it reads a line or the end of its input. The end of input means that the test run
 * was killed, so the server's folder is then removed.
 */
const guard = `"$@" </dev/null & read -r word; kill -TERM $!; wait $!; [ "$word" = stop ] || rm -rf "$0"`;

/**
 * Looks for Redis's server on the `PATH`.
 * @param environment - `process.env`.
 */
export function redisForTests(environment: Record<string, string | undefined>): RedisForTests {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const program = folders.map((folder) => join(folder, 'redis-server')).find((path) => existsSync(path));
  return program === undefined ? { missing: 'no Redis server is installed' } : { program };
}

/** A Redis server for one test file, on a free port of 127.0.0.1, with its data in a temporary folder. */
export class RedisServer {
  readonly password = 'p@ss:word/%';
  readonly port: number;
  readonly #program: string;
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'gru4rec-redis-'));
  #server: ChildProcess | undefined;

  private constructor(program: string, port: number) {
    this.#program = program;
    this.port = port;
  }

  /**
   * Starts a server without data.
   *
   * @returns the running server, which the caller must close.
   * @throws Error if Redis is missing or does not start.
   */
  static async start(found: RedisForTests): Promise<RedisServer> {
    if (found.missing !== undefined) throw new Error(found.missing);
    const server = new RedisServer(found.program, await freePort());
    try {
      await server.run();
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** URL of a database. `password` may be a wrong one. */
  url(database = 0, password: string = this.password): string {
    return `redis://:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${database}`;
  }

  /** Process number of the shell that runs the server, whose group it leads. */
  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** Starts the server with the data of the last run, and waits until it accepts connections. */
  async run(): Promise<void> {
    const flags = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    const data = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'no'];
    const words = [guard, this.#folder, this.#program, ...flags, ...data, '--requirepass', this.password];
    const server = spawn('sh', ['-c', ...words], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
    this.#server = server;
    let log = '';
    server.stdout.on('data', (text) => {
      log += String(text);
    });
    const deadline = performance.now() + START_MS;
    while (!/ready to accept connections/i.test(log)) {
      if (performance.now() > deadline) throw new Error(`redis-server does not start: ${log}`);
      await setTimeout(20);
    }
  }

  /** Stops the server and drops its connections. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const ended = once(server, 'exit');
    server.stdin?.end('stop\n');
    await ended;
  }

  /** Stops the server and removes its folder. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
