import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RuntimeCandidate } from './find-runtimes.ts';

/** What a working runtime reports about itself. */
export interface Answer {
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

const script = fileURLToPath(new URL('../../probe/multiply.cjs', import.meta.url));
/** Long, because the first use of a new GPU may compile its kernels. */
const TIMEOUT_MS = 600_000;

/** Loads a runtime in another process, which may crash, and multiplies two matrices with it. Blocks until it has ended. */
export function probeRuntime({
  directory,
  problem,
}: Pick<RuntimeCandidate, 'directory' | 'problem'>): Probed {
  const refuse = (why: string): Probed => ({ works: false, problem: why });
  if (problem !== undefined) return refuse(problem);
  const { error, status, signal, stdout, stderr } = spawnSync(process.execPath, [script, directory], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') {
    return refuse(`it did not answer within ${TIMEOUT_MS / 1000} s`);
  }
  if (error) return refuse(error.message);
  if (signal !== null) return refuse(`it ended its process with ${signal}`);
  if (status !== 0) return refuse(errorIn(stderr) ?? `it ended with exit code ${status}`);
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) return refuse(`it answered ${JSON.stringify(line.slice(0, 200))}`);
  const { product, ...answer } = JSON.parse(line) as Answer & { readonly product: readonly number[] };
  if (String(product) === '7,10,15,22') return { works: true, answer };
  return refuse(`it multiplied two matrices to ${product}, not 7,10,15,22`);
}

function errorIn(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  const thrown = lines.find((line) => /^(?:\w*Error|Error \[\w+\])(?: \[\w+\])?: /.test(line));
  return (thrown ?? lines.findLast((line) => line !== ''))?.replace(/^(?:Uncaught )?Error: /, '');
}
