import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { baselineNames } from '@gru4rec/baselines';
import { didYouMean, UsageError } from '@gru4rec/checks';
import { isPreset, parseConfig, presets, readModel } from '@gru4rec/model';
import { type BaselineContender, baseline } from './baseline.ts';
import type { CheckContext, ContenderFiles, FitContext, Fitted, Kind } from './kind.ts';
import { type ModelContender, model } from './model.ts';
import { type OwnContender, ownScorer } from './own.ts';
import { loadScorerFactory } from './own-modules.ts';
import { type TrainedContender, trained } from './trained.ts';

/** A recommender in a comparison. */
export type Contender = BaselineContender | ModelContender | TrainedContender | OwnContender;

/** In the order in which they read a text. */
const kinds: { readonly [Name in Contender['kind']]: Kind<Extract<Contender, { kind: Name }>> } = {
  model,
  own: ownScorer,
  baseline,
  trained,
};

function kindOf(contender: Contender): Kind<Contender> {
  return kinds[contender.kind] as Kind<Contender>;
}

const EVERY_BASELINE = 'baselines';

/** The forms of a contender in `--models`, for help and messages. */
export const contenderForms: string =
  `a baseline (${baselineNames.join(', ')}; options after a colon, s-knn:neighbours=200,sampleSize=500 or as JSON), ` +
  `${EVERY_BASELINE} (all of them), a GRU4Rec configuration (FILE.json, ${Object.keys(presets).join(', ')}), the folder of a trained model, or a module with your own (FILE.mjs)`;

type IsFolder = (text: string) => boolean;

/**
 * Parses contenders.
 *
 * @param isFolder - baselines and configurations have precedence over folders.
 * @throws UsageError if a text is not a contender, or two are the same.
 */
export function parseContenders(texts: readonly string[], isFolder: IsFolder = () => false): Contender[] {
  const all = texts.flatMap((text) => (text === EVERY_BASELINE ? baselineNames : text));
  const contenders = all.map((text) => parseContender(text, isFolder));
  const twin = contenders.find(
    (contender, place) => contenders.findIndex((c) => c.text === contender.text) < place,
  );
  if (twin) throw new UsageError(`--models expected each contender once, got ${twin.text} twice`);
  return contenders;
}

function parseContender(text: string, isFolder: IsFolder): Contender {
  for (const kind of Object.values(kinds)) {
    const contender = kind.parse(text, isFolder);
    if (contender) return contender;
  }
  const [name = ''] = text.split(':');
  const question = didYouMean([name], [...baselineNames, EVERY_BASELINE, ...Object.keys(presets)]);
  throw new UsageError(`${question}--models expected ${contenderForms}, got ${JSON.stringify(text)}`);
}

/** Whether a contender has to be fitted again for each seed. */
export function needsSeed(contender: Contender): boolean {
  return kindOf(contender).isSeeded(contender);
}

/** Unique names in tables: the kind with its options, or the user's text if that is not unique. */
export function nameContenders(contenders: readonly Contender[]): string[] {
  const names = contenders.map((contender) => kindOf(contender).title(contender));
  return names.map((name, place) =>
    names.filter((other) => other === name).length > 1 ? (contenders[place]?.text ?? name) : name,
  );
}

/** The readers of a program: JSON files, presets, model folders and modules by their paths. */
export const plainFiles: ContenderFiles = {
  readConfig: async (file, settings) => {
    const written = isPreset(file) ? { preset: file } : JSON.parse(await readFile(file, 'utf8'));
    return parseConfig({ ...written, ...settings });
  },
  readModel: (folder) => readModel(folder),
  readFactory: (file) => loadScorerFactory(resolve(file), file),
};

/** Checks, before hours of work, that every contender can be fitted. */
export async function checkContenders(
  contenders: readonly Contender[],
  context: CheckContext,
): Promise<void> {
  for (const contender of contenders) await kindOf(contender).check(contender, context);
}

export function fitContender(contender: Contender, context: FitContext): Promise<Fitted> {
  return kindOf(contender).fit(contender, context);
}
