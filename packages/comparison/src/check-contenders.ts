import { createBaseline } from '@gru4rec/baselines';
import { flawText, type OptionError, UsageError } from '@gru4rec/checked-options';
import { checkValidation } from '@gru4rec/model';
import type { SessionDataset } from '@gru4rec/sessions';
import { type BaselineContender, type Contender, nameContenders, singlesOf } from './contender.ts';
import { type FitContext, factoryOf, needsValidation } from './fit-contender.ts';
import { checkKeptItems } from './keep-recommender.ts';
import { checkTrained } from './trained-model.ts';

/** What contenders are checked for. */
interface CheckContext extends Pick<FitContext, 'files' | 'anyData'> {
  /** Names of the contenders that may be kept. */
  readonly kept: readonly string[];
}

/**
 * Checks, before hours of work, that every contender can be fitted.
 *
 * @throws UsageError, ConfigError if options or configurations are wrong; Error if the dataset lacks a split.
 */
export async function checkContenders(
  contenders: readonly Contender[],
  dataset: SessionDataset,
  { files, anyData, kept }: CheckContext,
): Promise<void> {
  for (const contender of contenders) {
    if (contender.kind !== 'mix' || contender.weight !== undefined || dataset.validation) continue;
    throw needsValidation(contender.text, dataset.directory);
  }
  const names = nameContenders(contenders);
  const mixes = contenders.filter(({ kind }, at) => kind === 'mix' && kept.includes(names[at] ?? ''));
  const keptParts = singlesOf(mixes);
  for (const single of singlesOf(contenders)) {
    if (single.kind === 'baseline') checkBaseline(single);
    else if (single.kind === 'own') await factoryOf(single, files);
    else if (single.kind === 'trained') {
      const stored = await files.readModel(single.folder);
      checkTrained(stored, single.text, { data: dataset, anyData });
      if (keptParts.includes(single)) checkKeptItems(single.text, stored, dataset);
    } else checkValidation(await files.readConfig(single.file, {}), dataset.validation);
  }
}

/** Two sessions to check options with, instead of the dataset. */
const two = {
  support: [2, 2],
  train: {
    sessionOffsets: Int32Array.of(0, 2, 4),
    items: Int32Array.of(0, 1, 0, 1),
    sessionStartTimes: Float64Array.of(0, 1000),
  },
};

function checkBaseline({ name, options, text }: BaselineContender): void {
  try {
    createBaseline(name, two, options);
  } catch (error) {
    const { flaw, message } = error as Error & Partial<OptionError>;
    throw new UsageError(`--models ${text}: ${flaw ? flawText(flaw) : message}`);
  }
}
