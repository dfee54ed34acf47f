import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { type NamedRun, sampleOf } from '@gru4rec/comparison';
import type { SessionDataset } from '@gru4rec/dataset';
import { makeFile } from '@gru4rec/durable-files';
import { drawSessions } from '@gru4rec/metrics';
import type { ParquetColumns } from '@gru4rec/preprocess';
import type { EvaluationArguments } from '../arguments/evaluation.ts';
import { checkOutputFile } from '../arguments/folders.ts';

export interface TableFileArguments {
  ranks: string | undefined;
  windows: number | undefined;
}

export async function checkTableFiles(
  { ranks, windows, protocol }: TableFileArguments & Pick<EvaluationArguments, 'protocol'>,
  directory: string,
): Promise<void> {
  if (ranks === undefined) return;
  if (protocol === 'remaining') {
    throw new UsageError(
      '--ranks expected --protocol next or last, got remaining, which has several targets',
    );
  }
  if (windows !== undefined) {
    throw new UsageError('--ranks expected one evaluation of all sessions, got --windows');
  }
  await checkOutputFile(resolve(directory, ranks), true).catch((cause) => {
    throw new Error(`--ranks ${ranks} cannot be written`, { cause });
  });
}

export async function writeTableFiles(
  args: TableFileArguments & EvaluationArguments,
  directory: string,
  { runs, dataset }: { readonly runs: readonly NamedRun[]; readonly dataset: SessionDataset },
): Promise<void> {
  if (args.ranks === undefined) return;
  const { writeParquet } = await import('@gru4rec/preprocess');
  const rows = rankRows(runs, dataset, predictedIds(args, dataset));
  await makeFile(resolve(directory, args.ranks), (path) => writeParquet(path, rankColumns, rows));
}

const rankColumns: ParquetColumns = {
  ...{ model: 'VARCHAR', seed: 'INTEGER', session: 'VARCHAR' },
  ...{ position: 'INTEGER', target: 'VARCHAR', rank: 'DOUBLE' },
};

type RankRow = [string, number | null, string, number, string, number | null];

function* rankRows(
  runs: readonly NamedRun[],
  { itemIds }: SessionDataset,
  sessionIds: readonly string[],
): Generator<RankRow> {
  for (const { name, run } of runs) {
    const { session, position, target, rank } = run.evaluation.ranks ?? noRanks;
    for (const [at, value] of rank.entries()) {
      yield [
        ...[name, run.seed ?? null, sessionIds[session[at] ?? 0] ?? ''],
        ...[position[at] ?? 0, itemIds.at(target[at] ?? 0) ?? '', Number.isFinite(value) ? value : null],
      ] as RankRow;
    }
  }
}

const noRanks = { session: [], position: [], target: [], rank: [] as number[] };

function predictedIds(args: EvaluationArguments, dataset: SessionDataset): string[] {
  const split = dataset[args.split];
  if (!split) return [];
  const { sessionIds, sessionOffsets } = split;
  const sample = sampleOf(sessionIds.length, args);
  const drawn = sample && [
    ...drawSessions({ size: sample.sessions, sessions: sample.of, seed: sample.seed }),
  ];
  const ids: string[] = [];
  for (const [session, start] of sessionOffsets.subarray(0, -1).entries()) {
    const clicks = (sessionOffsets[session + 1] ?? start) - start;
    if (clicks > 1 && drawn?.[session] !== false) ids.push(sessionIds.at(session) ?? '');
  }
  return ids;
}
