import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Folder of PostgreSQL's programs and the user to run them as, or why they cannot be run. */
export type PostgresForTests =
  | { readonly programs: string; readonly owner: Owner | undefined; readonly missing?: never }
  | { readonly missing: string };

/** A system user other than root, which the server refuses to run as. */
interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const USER = 'tester';

/** Milliseconds to wait for a server to start. */
const START_MS = 30_000;

/**
 * Shell code that runs a server until it reads a line or the end of its input. The end of input means that the test run
 * was killed, so the server's folder is then removed.
 */
const guard = `"$@" </dev/null & read -r word; kill -INT $!; wait $!; [ "$word" = stop ] || rm -rf "$0"`;

/**
 * Looks for PostgreSQL's programs in the folders of Debian's packages, newest version first, then on the `PATH`.
 * @param environment - `process.env`.
 */
export function postgresForTests(environment: Record<string, string | undefined>): PostgresForTests {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const path = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const programs = [...versions.map((version) => join(debian, version, 'bin')), ...path].find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  );
  if (programs === undefined) return { missing: 'no PostgreSQL server is installed' };
  if (process.getuid?.() !== 0) return { programs, owner: undefined };
  const owner = ownerNamed('postgres') ?? ownerNamed('nobody');
  return owner ? { programs, owner } : { missing: 'root may not run PostgreSQL, and there is no other user' };
}

function ownerNamed(name: string): Owner | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
  if (uid?.status !== 0 || gid?.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** A PostgreSQL server for one test file, on a free port of 127.0.0.1, with its data in a temporary folder. */
export class PostgresServer {
  /** Password of the user `tester`. */
  readonly password = 'p@ss:word/%';
  readonly port: number;
  readonly #programs: string;
  readonly #owner: Owner | undefined;
  readonly #folder: string;
  #server: ChildProcess | undefined;

  private constructor(programs: string, owner: Owner | undefined, port: number) {
    this.#programs = programs;
    this.#owner = owner;
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'gru4rec-postgres-'));
  }

  /**
   * Creates and starts a server.
   *
   * @returns the running server, which the caller must close.
   * @throws Error if PostgreSQL is missing or does not start.
   */
  static async start(found: PostgresForTests): Promise<PostgresServer> {
    if (found.missing !== undefined) throw new Error(found.missing);
    const server = new PostgresServer(found.programs, found.owner, await freePort());
    try {
      server.#initialize();
      await server.run();
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** URL of a database. `password` may be a wrong one. */
  url(database = 'postgres', password: string = this.password): string {
    return `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts the server and waits until it accepts connections. */
  async run(): Promise<void> {
    const flags = ['-D', join(this.#folder, 'data'), '-p', String(this.port), '-k', this.#folder];
    const fast = ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'shared_buffers=16MB'];
    const words = [guard, this.#folder, join(this.#programs, 'postgres'), ...flags, ...fast];
    const server = spawn('sh', ['-c', ...words], { stdio: ['pipe', 'ignore', 'pipe'], ...this.#owner });
    this.#server = server;
    let log = '';
    server.stderr.on('data', (text) => {
      log += String(text);
    });
    const deadline = performance.now() + START_MS;
    while (!log.includes('ready to accept connections')) {
      if (performance.now() > deadline) throw new Error(`postgres does not start: ${log}`);
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

  #initialize(): void {
    const { uid, gid } = this.#owner ?? {};
    const passwords = join(this.#folder, 'password');
    writeFileSync(passwords, this.password);
    if (uid !== undefined && gid !== undefined) {
      for (const path of [this.#folder, passwords]) chownSync(path, uid, gid);
    }
    const flags = ['-D', join(this.#folder, 'data'), '-U', USER, `--pwfile=${passwords}`, '--no-sync'];
    const made = spawnSync(
      join(this.#programs, 'initdb'),
      [...flags, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'],
      { encoding: 'utf8', cwd: this.#folder, ...this.#owner },
    );
    if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  }
}
