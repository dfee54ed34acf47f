import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** How a server that is no part of this repository is run for tests. */
export interface GuardedProgram {
  readonly name: string;
  /** The signal that stops the server in order. */
  readonly stopSignal: 'INT' | 'TERM';
  /** The stream on which it says that it is ready to accept connections. */
  readonly log: 'stdout' | 'stderr';
  /** The user to run it as; default: the current one. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** Whether it leads its own process group. */
  readonly detached?: boolean;
}

/** Milliseconds to wait for a server to start. */
const START_MS = 30_000;
const READY = /ready to (accept connections|receive web requests)/i;

/** A server with a temporary folder. It ends, and its folder is removed, also if the test run is killed. */
export class GuardedServer {
  readonly folder: string;
  readonly #program: GuardedProgram;
  #server: ChildProcess | undefined;

  constructor(program: GuardedProgram) {
    this.#program = program;
    this.folder = mkdtempSync(join(tmpdir(), `gru4rec-${program.name}-`));
  }

  /** Process number of the shell that runs the server; undefined while it is stopped. */
  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /**
   * Starts the server and waits until it accepts connections.
   * @param words - the program and its arguments.
   * @throws Error with the server's log if it does not start within 30 seconds.
   */
  async run(words: readonly string[]): Promise<void> {
    const { name, stopSignal, log, owner, detached = false } = this.#program;
    // The shell runs the server until it reads a line or the end of its input, which means that the test run was killed.
    const guard = `"$@" </dev/null & read -r word; kill -${stopSignal} $!; wait $!; [ "$word" = stop ] || rm -rf "$0"`;
    const [stdout, stderr] = (['stdout', 'stderr'] as const).map((stream) =>
      stream === log ? 'pipe' : 'ignore',
    );
    const stdio = ['pipe', stdout ?? 'ignore', stderr ?? 'ignore'] as const;
    const server = spawn('sh', ['-c', guard, this.folder, ...words], {
      stdio: [...stdio],
      ...owner,
      detached,
    });
    this.#server = server;
    let text = '';
    server[log]?.on('data', (more) => {
      text += String(more);
    });
    const deadline = performance.now() + START_MS;
    while (!READY.test(text)) {
      if (performance.now() > deadline) throw new Error(`${name} does not start: ${text}`);
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
    rmSync(this.folder, { recursive: true, force: true });
  }
}
