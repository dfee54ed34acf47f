import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { calibrated } from '../calibration.ts';
import { type ComparisonRow, type Contest, contested } from '../comparison.ts';
import { peakMiB } from '../environment.ts';
import type { ContestOptions } from './contest.ts';
import { type IdFigures, type IdStructure, idStructures } from './id-lookup.ts';

const IDS = 10_000_000;
const HEAP_MIB = 8192;

const names: Readonly<Record<IdStructure, string>> = { table: 'ours', map: 'string[] and Map' };

interface Figure extends Pick<Contest, 'name' | 'unit' | 'better'> {
  readonly of: (figures: IdFigures) => number;
}

const figures: readonly Figure[] = [
  { name: 'looked up', unit: 'lookups/s of CPU', better: 'more', of: (f) => f.lookupsPerSecond },
  { name: 'made from record batches', unit: 's of CPU', better: 'less', of: (f) => f.buildSeconds },
  { name: 'held', unit: 'bytes an id', better: 'less', of: (f) => f.bytesPerId },
  { name: 'peak of the process', unit: 'MiB', better: 'less', of: (f) => f.peakMiB },
];

/** Measures millions of ids in our table and in JavaScript's structures, each in its own process. */
export async function measureIds(options: ContestOptions): Promise<ComparisonRow[]> {
  const ids = options.events ?? IDS;
  const contests = figures.map((figure) => ({
    ...figure,
    name: `${ids.toLocaleString('en-US')} ids, ${figure.name}`,
  }));
  const chosen = contests.filter(({ name }) => options.only.test(name));
  if (chosen.length === 0) return [];
  const { calibration, ...measured } = await calibrated(() => takeTurns(ids, options));
  return chosen.map(({ of, ...contest }) => {
    const participations = idStructures.map((structure) => ({
      name: names[structure],
      turns: measured[structure].map((turn) => ({ value: of(turn), correctness: { found: turn.found } })),
    }));
    const row = contested({ suite: 'ids', ...contest }, participations);
    return { ...row, engine: 'one thread', missing: [], calibration, peakMiB: peakMiB() };
  });
}

async function takeTurns(
  ids: number,
  { rounds, onTurn }: ContestOptions,
): Promise<Record<IdStructure, IdFigures[]>> {
  const turns: Record<IdStructure, IdFigures[]> = { table: [], map: [] };
  for (let round = 0; round < rounds; round++) {
    for (const structure of idStructures) {
      const turn = await inOwnProcess(structure, ids);
      turns[structure].push(turn);
      onTurn?.(`ids: ${names[structure]}: ${turn.lookupsPerSecond.toPrecision(4)} lookups/s`);
    }
  }
  return turns;
}

async function inOwnProcess(structure: IdStructure, ids: number): Promise<IdFigures> {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const flags = [
    '--import',
    tsx,
    '--conditions=@gru4rec/source',
    '--expose-gc',
    `--max-old-space-size=${HEAP_MIB}`,
  ];
  const entry = fileURLToPath(new URL('./id-lookup-main.ts', import.meta.url));
  const child = fork(entry, [structure, String(ids)], { execArgv: flags });
  let answer: IdFigures | undefined;
  child.on('message', (message) => {
    answer = message as IdFigures;
  });
  const [code] = await once(child, 'close');
  if (answer === undefined) throw new Error(`ids: the process of ${names[structure]} ended with ${code}`);
  return answer;
}
