import type { Baseline } from '@gru4rec/baselines';
import type { SessionDataset } from '@gru4rec/dataset';
import type { Scorer } from '@gru4rec/metrics';
import type { EpochRecord, Gru4Rec, ModelConfig, StoredModel } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import type { Recommender } from '@gru4rec/recommender';
import { splitChecksum } from '../held-out.ts';
import type { ScorerFactory } from './own-modules.ts';

export interface Named<Kind extends string> {
  readonly kind: Kind;
  /** As the user wrote it, such as the path of a module; unique in a comparison. */
  readonly text: string;
}

export interface Kind<Contender> {
  /** @returns undefined if the text is not of this kind. @throws UsageError if it is, and wrong. */
  parse(text: string, isFolder: (text: string) => boolean): Contender | undefined;
  title(contender: Contender): string;
  isSeeded(contender: Contender): boolean;
  /** Checks, before hours of work, that it can be fitted. */
  check(contender: Contender, context: CheckContext): void | Promise<void>;
  fit(contender: Contender, context: FitContext): Promise<Fitted>;
}

/** Reads the configurations, model folders and modules that contenders name. */
export interface ContenderFiles {
  /** Reads a configuration and overrides some of its keys. */
  readonly readConfig: (file: string, settings: Readonly<Record<string, unknown>>) => Promise<ModelConfig>;
  /** Reads the folder of a trained model. */
  readonly readModel: (folder: string) => Promise<StoredModel>;
  /** Loads the factory of a module. */
  readonly readFactory: (file: string) => Promise<ScorerFactory>;
}

export interface CheckContext {
  readonly dataset: SessionDataset;
  readonly files: ContenderFiles;
  /** Whether trained models of other datasets are accepted. */
  readonly anyData: boolean;
}

export interface FitContext extends CheckContext {
  readonly engine: Engine;
  /** Undefined: the seed of the configuration. */
  readonly seed: number | undefined;
  readonly onEpoch: ((name: string, record: EpochRecord, epochs: number) => void) | undefined;
}

export interface Fitted {
  readonly scorer: Scorer | Baseline;
  /** What a recommender folder of it holds; undefined for the caller's own. */
  readonly recommender?: Gru4Rec | Baseline | undefined;
  /** Index of baselines based on neighbouring sessions. */
  readonly index?: NonNullable<Baseline['index']> | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly fitSeconds: number;
  readonly memoryMiB: number;
  readonly history: readonly EpochRecord[];
  /** SHA-256 of the session files by which hyper-parameters or the best epoch were chosen. */
  readonly tunedOn: readonly string[];
  readonly trained?: Pick<StoredModel, 'dataset'>;
  readonly warning?: string | undefined;
}

export const MIB: number = 2 ** 20;

export async function timed<Result>(
  work: () => Result | Promise<Result>,
): Promise<[Result, seconds: number]> {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

export function tunedOn(
  { tunedOn: tuned, patience }: ModelConfig,
  dataset: Pick<SessionDataset, 'manifest'>,
): string[] {
  const checksums = [tuned, patience > 0 ? splitChecksum(dataset, 'validation') : ''];
  return checksums.filter((checksum) => checksum !== '');
}

/** [items of a dataset] index of each item in a model, or −1. */
export function indicesIn(model: Pick<Recommender, 'itemIndex'>, itemIds: Iterable<string>): Int32Array {
  return Int32Array.from(itemIds, (id) => model.itemIndex(id) ?? -1);
}

export function bytesOf(recommender: Pick<StoredModel, 'tensors'> | Pick<Baseline, 'bytes'>): number {
  if ('bytes' in recommender) return recommender.bytes;
  return recommender.tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
}
