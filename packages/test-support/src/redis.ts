import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.ts';
import { GuardedServer } from './guarded-server.ts';

/** Path of Redis's server, or why it cannot be run. */
export type RedisForTests =
  | { readonly program: string; readonly missing?: never }
  | { readonly missing: string };

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
  readonly #server = new GuardedServer({
    ...({ name: 'redis', stopSignal: 'TERM', log: 'stdout' } as const),
    detached: true,
  });

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
    return this.#server.pid;
  }

  /** Starts the server with the data of the last run, and waits until it accepts connections. */
  async run(): Promise<void> {
    const flags = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#server.folder];
    const data = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'no'];
    await this.#server.run([this.#program, ...flags, ...data, '--requirepass', this.password]);
  }

  /** Stops the server and drops its connections. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Stops the server and removes its folder. */
  close(): Promise<void> {
    return this.#server.close();
  }
}
