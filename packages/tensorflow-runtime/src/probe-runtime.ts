import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithParent } from './end-with-parent.ts';
import type { RuntimeCandidate } from './runtime-candidate.ts';

/** What a working runtime reports about itself. */
export interface Answer {
  /** Whether it computes on a GPU. */
  readonly usesGpu: boolean;
  /** Version of tfjs-node. */
  readonly version: string;
  /** Version of libtensorflow; `unknown` if the addon does not say. */
  readonly tensorflowVersion: string;
}

/** Result of a probe: the runtime's answer, or the reason why it does not work. */
export type Probed =
  | { readonly works: true; readonly answer: Answer }
  | { readonly works: false; readonly problem: string };

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

const script = fileURLToPath(new URL('../probe/multiply.cjs', import.meta.url));
/** Long, because the first use of a new GPU may compile its kernels. */
const TIMEOUT_MS = 600_000;

/** Loads a runtime in its own process, which may crash, and multiplies two matrices with it. */
export async function probeRuntime({ directory, problem }: RuntimeCandidate): Promise<Probed> {
  if (problem !== undefined) return { works: false, problem };
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'pipe'] });
  endWithParent(child);
  let [stdout, stderr, timedOut] = ['', '', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, TIMEOUT_MS);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ works: false, problem: error.message }));
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve(resultOf({ status, signal, stdout, stderr, timedOut }));
    });
  });
}

/** Synchronous form of `probeRuntime`, for callers that cannot await. */
export function probeRuntimeSync({ directory, problem }: RuntimeCandidate): Probed {
  if (problem !== undefined) return { works: false, problem };
  const ended = spawnSync(process.execPath, [script, directory], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const timedOut = (ended.error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT';
  if (ended.error && !timedOut) return { works: false, problem: ended.error.message };
  return resultOf({ ...ended, timedOut });
}

function resultOf({ status, signal, stdout, stderr, timedOut }: Ended): Probed {
  if (timedOut) return { works: false, problem: `it did not answer within ${TIMEOUT_MS / 1000} s` };
  if (signal !== null) return { works: false, problem: `it ended its process with ${signal}` };
  if (status !== 0) return { works: false, problem: errorIn(stderr) ?? `it ended with exit code ${status}` };
  const line = stdout.trim().split('\n').at(-1) ?? '';
  const answer = parse(line);
  if (!answer) return { works: false, problem: `it answered ${JSON.stringify(line.slice(0, 200))}` };
  const { product, usesGpu, version, tensorflowVersion } = answer;
  if (String(product) !== '7,10,15,22') {
    return { works: false, problem: `it multiplied two matrices to ${String(product)}, not 7,10,15,22` };
  }
  const versions = { version: version ?? 'unknown', tensorflowVersion: tensorflowVersion ?? 'unknown' };
  return { works: true, answer: { usesGpu: usesGpu === true, ...versions } };
}

function parse(line: string): (Partial<Answer> & { readonly product?: unknown }) | undefined {
  try {
    const answer: unknown = JSON.parse(line);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** The message of the exception that Node reported, or else the last line. */
function errorIn(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  const thrown = lines.find((line) => /^(?:\w*Error|Error \[\w+\])(?: \[\w+\])?: /.test(line));
  return (thrown ?? lines.filter((line) => line !== '').at(-1))?.replace(/^(?:Uncaught )?Error: /, '');
}
