import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.ts';
import { GuardedServer } from './guarded-server.ts';

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
  readonly #server: GuardedServer;

  private constructor(programs: string, owner: Owner | undefined, port: number) {
    this.#programs = programs;
    this.#owner = owner;
    this.port = port;
    this.#server = new GuardedServer({ name: 'postgres', stopSignal: 'INT', log: 'stderr', owner });
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
    const { folder } = this.#server;
    const flags = ['-D', join(folder, 'data'), '-p', String(this.port), '-k', folder];
    const fast = ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'shared_buffers=16MB'];
    await this.#server.run([join(this.#programs, 'postgres'), ...flags, ...fast]);
  }

  /** Stops the server and drops its connections. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Stops the server and removes its folder. */
  close(): Promise<void> {
    return this.#server.close();
  }

  #initialize(): void {
    const { folder } = this.#server;
    const { uid, gid } = this.#owner ?? {};
    const passwords = join(folder, 'password');
    writeFileSync(passwords, this.password);
    if (uid !== undefined && gid !== undefined) {
      for (const path of [folder, passwords]) chownSync(path, uid, gid);
    }
    const flags = ['-D', join(folder, 'data'), '-U', USER, `--pwfile=${passwords}`, '--no-sync'];
    const made = spawnSync(
      join(this.#programs, 'initdb'),
      [...flags, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'],
      { encoding: 'utf8', cwd: folder, ...this.#owner },
    );
    if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  }
}
