import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { runHere, startTrainer } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation', '2d');

/** A module with which `train` streams its sessions. */
const WITHOUT_MEMORY = 'data:text/javascript,process.availableMemory=()=>0';

const settings = ['layers=16,12', 'batchSize=8', 'nSample=32', 'dropoutPHidden=0.2', 'sessionOrder=shuffled'];

const command = (output: string, epochs: number, ...more: string[]) => [
  ...['train', 'data', '--output', output, '--config', 'defaults.json', '--set', `nEpochs=${epochs}`],
  ...['--threads', '2'],
  ...more,
  ...['--set', ...settings],
];

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** Starts a trainer without a wrapper process. `meet` receives its standard error so far, after each chunk. */
function start(argv: readonly string[], meet: (child: ChildProcess, stderr: string) => void = () => {}) {
  const child = startTrainer(folder(), ...argv);
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += String(text);
    meet(child, stderr);
  });
  return new Promise<Ended>((resolve, reject) =>
    child.on('close', (code) => resolve({ code, stderr })).on('error', reject),
  );
}

/** Lists complete checkpoints and partly written ones. */
function entriesOf(output: string): { whole: string[]; half: string[] } {
  const directory = join(folder(), `${output}.checkpoints`);
  const entries = existsSync(directory) ? readdirSync(directory) : [];
  return {
    whole: entries.filter((entry) => entry.startsWith('step-')),
    half: entries.filter((entry) => /^\.step-.*(?<!\.dropped)$/.test(entry)),
  };
}

/** When to kill: a delay after training or its first checkpoint, or while a checkpoint is written. */
interface Moment {
  readonly milliseconds: number;
  readonly first: boolean;
  readonly writing: boolean;
}

/** Kills a trainer. @returns true if it was still running. */
async function killAt(argv: readonly string[], output: string, moment: Moment): Promise<boolean> {
  const before = entriesOf(output);
  const isNew = (kind: 'whole' | 'half') =>
    entriesOf(output)[kind].some((entry) => !before[kind].includes(entry));
  let met = false;
  const { code, stderr } = await start(argv, async (child, text) => {
    if (met || !/seed \d+\n/.test(text)) return;
    met = true;
    while (moment.first && child.exitCode === null && !isNew('whole')) await setImmediate();
    await setTimeout(moment.milliseconds);
    while (moment.writing && child.exitCode === null && !isNew('half')) await setImmediate();
    child.kill('SIGKILL');
  });
  if (code !== null && code !== 0) throw new Error(stderr);
  return code === null;
}

const parameters = (output: string) => readFileSync(join(folder(), output, 'model.safetensors'));

describe('trainer train --resume', () => {
  it.each([
    ['all epochs', 10, 60, []],
    ['patience', 4, 40, ['patience=30']],
    ['streamed sessions', 3, 40, []],
  ])('gives the parameters of an uninterrupted run, with %s', async (name, moments, epochs, more) => {
    if (name === 'streamed sessions') vi.stubEnv('NODE_OPTIONS', `--import=${WITHOUT_MEMORY}`);
    const [whole, killed] = [`whole-${name.length}`, `killed-${name.length}`];
    const argv = [...command(killed, epochs, '--checkpoint-every', '20', '--resume'), ...more];
    expect((await runHere(folder(), ...command(whole, epochs), ...more)).code).toBe(0);
    let kills = 0;
    let halfWritten = 0;
    // A write may end before the kill, so that a few more may be needed.
    let i = 0;
    for (; i < moments || (halfWritten === 0 && i < 5 * moments); i++) {
      const milliseconds = (Math.imul(i + 1, 0x9e3779b1) >>> 0) % 50;
      const left = entriesOf(killed).half;
      if (await killAt(argv, killed, { milliseconds, first: i > 0, writing: i % 2 === 1 })) kills++;
      if (entriesOf(killed).half.some((entry) => !left.includes(entry))) halfWritten++;
    }
    expect({ kills, halfWritten: halfWritten > 0 }).toEqual({ kills: i, halfWritten: true });
    expect(await start(argv)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Resuming from the checkpoint'),
    });
    expect(parameters(killed).equals(parameters(whole))).toBe(true);
    expect(readdirSync(folder()).filter((entry) => entry.includes(killed))).toEqual([killed]);
    vi.unstubAllEnvs();
  });

  it.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'resumes after %s, which saves a checkpoint and prints the command',
    async ([signal, expected], ctx) => {
      if (process.platform === 'win32') ctx.skip('no signals for a child on Windows');
      const [whole, stopped] = [`whole-${signal}`, `stopped-${signal}`];
      expect((await runHere(folder(), ...command(whole, 150))).code).toBe(0);
      let asked = false;
      const { code, stderr } = await start(command(stopped, 150), (child, text) => {
        if (!asked && /^epoch 3 /m.test(text)) asked = child.kill(signal);
      });
      expect(code).toBe(expected);
      const line = new RegExp(
        `^Stopped by ${signal} in epoch \\d+, after step \\d+; the checkpoint is in ${stopped}\\.checkpoints\\. ` +
          'To resume: trainer (.*)$',
        'm',
      );
      const [, argv = ''] = line.exec(stderr) ?? [];
      expect(stderr).toMatch(line);
      expect(readdirSync(join(folder(), `${stopped}.checkpoints`))).toEqual([
        expect.stringMatching(/^step-\d{9}$/),
      ]);
      const again = await start(argv.split(' '));
      expect(again).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('Resuming from the checkpoint'),
      });
      expect(parameters(stopped).equals(parameters(whole))).toBe(true);
    },
  );
});
