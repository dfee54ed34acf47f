import { type ChildProcess, fork } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TrialJob, TrialMessage } from './trial-main.ts';

export interface TrialWatch {
  /** Called with the validation metric after each epoch; true ends the trial. */
  readonly onEpoch: (epoch: number, value: number) => boolean;
  readonly signal: AbortSignal;
}

const entry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './trial-main.ts' : './trial-main.js', import.meta.url),
);

/** A process per trial uses all cores and frees all memory. Resolves when training, `onEpoch` or the signal has ended it. */
export async function runTrialProcess(job: TrialJob, { onEpoch, signal }: TrialWatch): Promise<void> {
  if (signal.aborted) return;
  const child = fork(entry, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  try {
    await follow(child, job, { onEpoch, signal });
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

async function follow(child: ChildProcess, job: TrialJob, { onEpoch, signal }: TrialWatch): Promise<void> {
  let stopped = false;
  let done = false;
  let failure: Error | undefined;
  child.on('message', (message: TrialMessage) => {
    if (message.kind === 'failed') failure = new Error(message.message);
    else if (message.kind === 'done') done = true;
    else if (!stopped && onEpoch(message.epoch, message.value)) {
      stopped = true;
      child.kill('SIGKILL');
    }
  });
  const complaints = child.stderr ? text(child.stderr) : Promise.resolve('');
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, by) => resolve(by ?? `exit code ${code}`));
  });
  child.send(job);
  const how = await ended;
  if (failure) throw failure;
  if (done || stopped || signal.aborted) return;
  const said = (await complaints).trim().split('\n').at(-1);
  throw new Error(`The process of a trial ended with ${how}${said ? `: ${said}` : ''}`);
}
