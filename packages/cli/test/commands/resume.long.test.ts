import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readTrainingLog } from '../../src/training/training-log.ts';
import { ok, spawnTrainer, watchTrainer } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation 2d');

const settings = 'layers=16,12 batchSize=8 nSample=32 dropoutPHidden=0.2 sessionOrder=shuffled';
const command = (output: string, more: string) =>
  `train data --output ${output} --config defaults.json --threads 2 --log ${output}.jsonl --set ${settings} ${more}`;

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
async function killAt(line: string, output: string, moment: Moment): Promise<boolean> {
  const before = entriesOf(output);
  const isNew = (kind: 'whole' | 'half') =>
    entriesOf(output)[kind].some((entry) => !before[kind].includes(entry));
  let met = false;
  const { code, stderr } = await watchTrainer(folder(), line, async (child, text) => {
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

/** The epochs of a log, without what depends on the clock, and the number of its runs. */
async function logOf(output: string) {
  const lines = await readTrainingLog(join(folder(), `${output}.jsonl`));
  const epochs = lines.flatMap((line) =>
    line.kind === 'epoch' ? [{ epoch: line.epoch, step: line.step, loss: line.loss, mrr: line.mrr }] : [],
  );
  return { epochs, runs: new Set(lines.map(({ run }) => run)).size };
}

describe('trainer train --resume', () => {
  it('gives the parameters and the log of an uninterrupted run, wherever it is killed', async () => {
    const set = 'nEpochs=40 patience=30';
    const line = command('killed', `${set} --checkpoint-every 20 --resume`);
    await ok(folder(), command('whole', set));
    let kills = 0;
    let halfWritten = 0;
    // A write may end before the kill, so that a few more may be needed.
    let i = 0;
    for (; i < 8 || (halfWritten === 0 && i < 40); i++) {
      const milliseconds = (Math.imul(i + 1, 0x9e3779b1) >>> 0) % 50;
      const left = entriesOf('killed').half;
      if (await killAt(line, 'killed', { milliseconds, first: i > 0, writing: i % 2 === 1 })) kills++;
      if (entriesOf('killed').half.some((entry) => !left.includes(entry))) halfWritten++;
    }
    expect({ kills, halfWritten: halfWritten > 0 }).toEqual({ kills: i, halfWritten: true });
    expect(await spawnTrainer(folder(), line)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Resuming from the checkpoint'),
    });
    expect(parameters('killed').equals(parameters('whole'))).toBe(true);
    expect(await logOf('killed')).toEqual(await logOf('whole'));
    expect(readdirSync(folder()).filter((entry) => entry.includes('killed'))).toEqual([
      'killed',
      'killed.jsonl',
    ]);
  });

  it('resumes after SIGTERM, which saves a checkpoint and prints the command', async (ctx) => {
    if (process.platform === 'win32') ctx.skip('no signals for a child on Windows');
    await ok(folder(), command('unstopped', 'nEpochs=150'));
    let asked = false;
    const { code, stderr } = await watchTrainer(
      folder(),
      command('stopped', 'nEpochs=150'),
      (child, text) => {
        if (!asked && /^epoch 3 /m.test(text)) asked = child.kill('SIGTERM');
      },
    );
    expect(code).toBe(143);
    const stopped =
      /^Stopped by SIGTERM in epoch \d+, after step \d+; the checkpoint is in stopped\.checkpoints\. To resume: trainer (.*)$/m;
    const [, line = ''] = stopped.exec(stderr) ?? [];
    expect(await spawnTrainer(folder(), line)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Resuming from the checkpoint'),
    });
    expect(parameters('stopped').equals(parameters('unstopped'))).toBe(true);
  });
});
