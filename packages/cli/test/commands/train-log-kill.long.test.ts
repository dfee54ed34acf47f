import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readTrainingLog } from '../../src/training/training-log.ts';
import { runHere, startTrainer } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation', '2d');
const inFolder = (...names: string[]) => join(folder(), ...names);

const argumentsOf = (output: string) => [
  ...['train', 'data', '--output', output, '--log', `${output}.jsonl`, '--set', 'nEpochs=60'],
  ...['--config', 'defaults.json', '--threads', '1', '--engine', 'wasm:wasm', '--checkpoint-every', '150'],
  ...['--set', 'layers=64', 'batchSize=8', 'nSample=256', 'learningRate=0.1'],
];

const epochsOf = async (output: string) =>
  (await readTrainingLog(inFolder(`${output}.jsonl`))).flatMap((line) =>
    line.kind === 'epoch' ? [{ epoch: line.epoch, step: line.step, loss: line.loss, mrr: line.mrr }] : [],
  );

/** Kills a training once its log has this many lines. @returns whether the file ended with a whole line. */
async function killAt(lines: number, output: string, ...more: string[]): Promise<boolean> {
  const child = startTrainer(folder(), ...argumentsOf(output), ...more);
  const ended = new Promise((resolve) => child.on('close', resolve));
  const file = inFolder(`${output}.jsonl`);
  while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length <= lines) {
    if (child.exitCode !== null) throw new Error('the training ended before it was killed');
    await setTimeout(2);
  }
  child.kill('SIGKILL');
  await ended;
  return readFileSync(file, 'utf8').endsWith('\n');
}

describe('trainer train --log', () => {
  it('has whole lines after kill -9, and those of an undisturbed run after --resume', async () => {
    expect((await runHere(folder(), ...argumentsOf('whole'))).code).toBe(0);
    expect(await killAt(6, 'killed')).toBe(true);
    expect(await killAt(14, 'killed', '--resume')).toBe(true);
    expect((await runHere(folder(), ...argumentsOf('killed'), '--resume')).code).toBe(0);
    expect(await epochsOf('killed')).toEqual(await epochsOf('whole'));
    const runs = new Set((await readTrainingLog(inFolder('killed.jsonl'))).map(({ run }) => run));
    expect(runs.size).toBe(1);
    const parameters = (output: string) => readFileSync(inFolder(output, 'model.safetensors'));
    expect(parameters('killed').equals(parameters('whole'))).toBe(true);
  });
});
