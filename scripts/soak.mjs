// soak.mjs [--minutes 60] [--seed 1]: trains once undisturbed and once with kill -9 at random moments, resuming from
// the last checkpoint each time. Then it compares the parameters and checks that memory did not grow. Two fifths of the
// time go into the undisturbed run.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildKernels } from './lib/kernels.mjs';
import { setUp } from './lib/set-up.mjs';
import { writeSoakLog } from './lib/soak-log.mjs';
import { epochsFor, isFlat, killAfter, reportLine, seededChance } from './lib/soak-plan.mjs';
import { runTrainer } from './lib/trainer-process.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error(
    `soak: expected --minutes > 0 and an integer --seed, got ${values.minutes} and ${values.seed}`,
  );
  process.exit(2);
}

const CHECKPOINT_STEPS = '200';
/** A minute, or a twentieth of a short soak. */
const MOST_UNDISTURBED_MS = Math.min(60_000, minutes * 3000);
/** What the trainer prints when it resumes from a checkpoint. */
const RESUMED = /^Resuming from the checkpoint/m;
await setUp();
await buildKernels();
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-soak-'));
try {
  process.exitCode = (await soak(folder)) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} directory */
async function soak(directory) {
  const started = performance.now();
  writeSoakLog(join(directory, 'log.tsv'), { sessions: 20_000, items: 2000, seed });
  writeFileSync(
    join(directory, 'config.json'),
    JSON.stringify({ layers: [64], batchSize: 32, nSample: 256, seed }),
  );
  await succeed(['prepare', '--input', 'log.tsv', '--output', 'data'], directory);
  const epochs = epochsFor(minutes * 24, await secondsPerEpoch(directory));
  const checkpoints = ['--checkpoint-every', CHECKPOINT_STEPS, '--checkpoints', '2'];
  const train = (/** @type {string} */ output) => [...trainFor(epochs, output), ...checkpoints];
  const whole = await succeed(train('whole'), directory);
  console.error(`soak: ${epochs} epochs undisturbed in ${minutesSince(started)} min`);
  // On a busy machine, the undisturbed run takes more than its share of the time. Kills still get theirs.
  const killsEnd = Math.max(minutes, Number(minutesSince(started)) + 0.6 * minutes);
  const isOver = () => Number(minutesSince(started)) >= killsEnd;
  const { kills, resumes, peaks } = await trainUnderKills(train('killed'), directory, isOver);
  const [expected, got] = ['whole', 'killed'].map((model) => checksumOf(join(directory, model)));
  const left = readdirSync(directory).filter((name) => name.includes('killed') && name !== 'killed');
  if (left.length > 0) console.error(`soak: left behind: ${left.join(', ')}`);
  const equal = expected === got;
  const rss = { wholeRss: whole.rss, killedRss: peaks };
  const spent = Number(minutesSince(started));
  console.log(
    reportLine({ minutes: spent, seed, epochs, kills, resumes, equal, checksum: expected ?? '', ...rss }),
  );
  return equal && left.length === 0 && isFlat(whole.rss, peaks);
}

/**
 * Kills and resumes until a run ends by itself. Once the time is over, it is no longer killed.
 *
 * @param {string[]} argv
 * @param {string} directory
 * @param {() => boolean} isOver
 */
async function trainUnderKills(argv, directory, isOver) {
  const chance = seededChance(seed);
  const peaks = [];
  let kills = 0;
  let resumes = 0;
  for (;;) {
    const killAfterMs = isOver() ? undefined : killAfter(chance, MOST_UNDISTURBED_MS);
    const trained = await runTrainer(kills > 0 ? [...argv, '--resume'] : argv, {
      directory,
      ...(killAfterMs === undefined ? {} : { killAfterMs }),
    });
    if (trained.rss.length > 0) peaks.push(Math.max(...trained.rss));
    if (RESUMED.test(trained.stderr)) resumes++;
    if (trained.code === 0) return { kills, resumes, peaks };
    if (!trained.killed) throw new Error(`The trainer failed after ${kills} kills: ${trained.stderr}`);
    kills++;
  }
}

/**
 * @param {number} epochs
 * @param {string} output
 */
function trainFor(epochs, output) {
  return `train data --config config.json --epochs ${epochs} --output ${output}`.split(' ');
}

/** @param {string} directory */
async function secondsPerEpoch(directory) {
  const { stderr } = await succeed(trainFor(2, 'measured'), directory);
  const [, seconds] = /^epoch 2 .* ([\d.]+) s {2}/m.exec(stderr) ?? [];
  if (seconds === undefined) throw new Error(`No time of an epoch in: ${stderr}`);
  return Number(seconds);
}

/**
 * @param {string[]} argv
 * @param {string} directory
 */
async function succeed(argv, directory) {
  const trained = await runTrainer(argv, { directory });
  if (trained.code !== 0) throw new Error(`trainer ${argv.join(' ')} failed: ${trained.stderr}`);
  return trained;
}

/** @param {string} model */
function checksumOf(model) {
  return createHash('sha256')
    .update(readFileSync(join(model, 'parameters.arrow')))
    .digest('hex');
}

/** @param {number} started */
function minutesSince(started) {
  return ((performance.now() - started) / 60_000).toFixed(2);
}
