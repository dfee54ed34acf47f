import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { fromSources, packageFolder } from '../run-trainer.ts';

const bundled = fileURLToPath(new URL('../../../../scripts/start.mjs', import.meta.url));

/** A list of recommendations, as far as tests read it. */
export interface ListBody {
  readonly items: readonly { readonly id: string; readonly score: number }[];
  readonly unknown: readonly string[];
  readonly modelVersion: string;
}

/** The answer of `/v1/models`, as far as tests read it. */
export interface ModelsBody {
  readonly models: readonly {
    readonly name: string;
    readonly version: string;
    readonly error: unknown;
  }[];
}

/** A process of `trainer serve`, which the end of the test kills. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #log: { text: string };

  private constructor(child: ChildProcess, url: string, log: { text: string }) {
    this.#child = child;
    this.#ended = once(child, 'close');
    this.url = url;
    this.#log = log;
  }

  /**
   * Starts a server on a free port, or the one given, and waits until it is ready.
   * @param folder - the user's folder.
   */
  static start(folder: string, ...argv: string[]): Promise<ServerProcess> {
    return ServerProcess.#start(folder, [process.execPath, ...fromSources()], argv);
  }

  /** As `start`, with a limit of open files. Runs the bundle that `npm start` runs, because tsx needs more files. */
  static startLimited(folder: string, openFiles: number, ...argv: string[]): Promise<ServerProcess> {
    const shell = ['/bin/sh', '-c', `cd "$INIT_CWD" && ulimit -n ${openFiles} && exec "$@"`, 'sh'];
    return ServerProcess.#start(folder, [...shell, process.execPath, bundled], argv);
  }

  static async #start(
    folder: string,
    [program = '', ...before]: readonly string[],
    argv: readonly string[],
  ): Promise<ServerProcess> {
    const port = argv.includes('--port') ? [] : ['--port', '0'];
    const probe = argv.includes('--probe-seconds') ? [] : ['--probe-seconds', '0'];
    const child = spawn(program, [...before, 'serve', ...argv, ...port, ...probe], {
      cwd: packageFolder,
      env: { ...process.env, INIT_CWD: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const log = { text: '' };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log.text += text;
    });
    const url = await new Promise<string>((resolve, reject) => {
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        shown += text;
        const found = /^Serving at ([^;]+);/m.exec(shown);
        if (found) resolve(found[1] as string);
      });
      child.on('close', (code) => reject(new Error(`The server ended with exit code ${code}: ${log.text}`)));
    });
    return new ServerProcess(child, url, log);
  }

  /** What it has written to standard error. */
  get log(): string {
    return this.#log.text;
  }

  get port(): string {
    return new URL(this.url).port;
  }

  /** Kills it with SIGKILL. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops it with SIGTERM. @returns the exit code. */
  async stop(): Promise<number | null> {
    await this.#end('SIGTERM');
    return this.#child.exitCode;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }

  /** Sends a request; a body makes it a POST. `Body` is the shape that the test expects of the answer. */
  async ask<Body = unknown>(path: string, body?: unknown): Promise<{ status: number; body: Body }> {
    const headers = { 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers };
    const response = await fetch(this.url + path, sent);
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const answer: unknown = isJson ? await response.json() : await response.text();
    return { status: response.status, body: answer as Body };
  }

  /** Records a click. @returns the status. */
  async click(sessionId: string, item: string, more: Record<string, unknown> = {}): Promise<number> {
    const path = `/v1/sessions/${encodeURIComponent(sessionId)}/events`;
    return (await this.ask(path, { item, n: 0, ...more })).status;
  }
}
