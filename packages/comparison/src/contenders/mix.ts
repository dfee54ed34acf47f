import { mix, type TuneMixOptions, tuneMix } from '@gru4rec/baselines';
import type { SessionDataset } from '@gru4rec/dataset';
import { splitChecksum } from '../held-out.ts';
import { type Fitted, type Named, timed } from './kind.ts';

/** A mix of two contenders. The weight of the first is tuned on the validation split if not given. */
export interface MixContender<Part> extends Named<'mix'> {
  readonly parts: readonly [Part, Part];
  readonly weight: number | undefined;
}

export interface FittedPart extends Fitted {
  readonly title: string;
}

export async function fitMix(
  { text, weight: asked }: Pick<MixContender<unknown>, 'text' | 'weight'>,
  fitted: readonly [FittedPart, FittedPart],
  {
    dataset,
    judged,
  }: { readonly dataset: SessionDataset; readonly judged: Pick<TuneMixOptions, 'tieRule' | 'cutoff'> },
): Promise<Fitted> {
  const scorers = [fitted[0].scorer, fitted[1].scorer] as const;
  const [weight, seconds] = await timed(async () => {
    if (asked !== undefined) return asked;
    if (!dataset.validation) throw needsValidation(text, dataset.directory);
    return (await tuneMix(scorers, dataset.validation, judged)).weight;
  });
  const weights = [weight, 1 - weight];
  const tuned = `MRR@${judged.cutoff} of the next clicks of the validation split, tie rule ${judged.tieRule}`;
  return {
    scorer: mix(scorers, { weights }),
    parts: fitted.flatMap(({ parts }, place) =>
      parts.map(({ recommender }) => ({ recommender, weight: weights[place] ?? 0 })),
    ),
    options: {
      weight,
      ...(asked === undefined && { tuned }),
      parts: fitted.map(({ title: name, options }) => ({ name, options })),
    },
    fitSeconds: fitted[0].fitSeconds + fitted[1].fitSeconds + seconds,
    memoryMiB: fitted[0].memoryMiB + fitted[1].memoryMiB,
    history: [],
    tunedOn: [
      ...fitted.flatMap((part) => part.tunedOn),
      ...(asked === undefined ? [splitChecksum(dataset, 'validation')] : []),
    ],
  };
}

export function needsValidation(text: string, directory: string): Error {
  return new Error(
    `${text} expected a dataset with a validation split to tune its weight on, got ${directory} without. ` +
      'Prepare it with --validation, or give the weight: mix:0.5:A+B',
  );
}
