import { basename, extname } from 'node:path';
import {
  type BaselineName,
  type BaselineOptions,
  baselineNames,
  baselineTitle,
  isSeeded,
} from '@gru4rec/baselines';
import { didYouMean, UsageError } from '@gru4rec/checks';
import { isPreset, presets } from '@gru4rec/model';
import { isModule, type ScorerFactory } from './own-modules.ts';

interface Named<Kind extends string> {
  readonly kind: Kind;
  /** As the user wrote it, such as the path of a module; unique in a comparison. */
  readonly text: string;
}

export interface BaselineContender extends Named<'baseline'> {
  readonly name: BaselineName;
  readonly options: BaselineOptions;
}

export interface ModelContender extends Named<'model'> {
  readonly file: string;
}

export interface TrainedContender extends Named<'trained'> {
  readonly folder: string;
}

export interface OwnContender extends Named<'own'> {
  /** Default: what the module exports by default. */
  readonly create?: ScorerFactory;
}

/** A mix of two contenders. The weight of the first is tuned on the validation split if not given. */
export interface MixContender extends Named<'mix'> {
  readonly parts: readonly [SingleContender, SingleContender];
  readonly weight: number | undefined;
}

export type SingleContender = BaselineContender | ModelContender | TrainedContender | OwnContender;
/** A recommender in a comparison. */
export type Contender = SingleContender | MixContender;

const EVERY_BASELINE = 'baselines';

/** The forms of a contender in `--models`, for help and messages. */
export const contenderForms: string =
  `a baseline (${baselineNames.join(', ')}; options after a colon, s-knn:neighbours=200,sampleSize=500 or as JSON), ` +
  `${EVERY_BASELINE} (all of them), a GRU4Rec configuration (FILE.json, ${Object.keys(presets).join(', ')}), the folder of a trained model, a module with your own (FILE.mjs), mix:A+B (its weight tuned on the validation split) ` +
  'or mix:WEIGHT:A+B';

type IsFolder = (text: string) => boolean;

/**
 * Parses contenders.
 *
 * @param isFolder - baselines and configurations have precedence over folders.
 * @throws UsageError if a text is not a contender, or two are the same.
 */
export function parseContenders(texts: readonly string[], isFolder: IsFolder = () => false): Contender[] {
  const contenders = texts.flatMap((text) =>
    text === EVERY_BASELINE
      ? baselineNames.map((name) => parseSingle(name, isFolder))
      : [text.startsWith('mix:') ? parseMix(text, isFolder) : parseSingle(text, isFolder)],
  );
  const twin = contenders.find(
    (contender, place) => contenders.findIndex((c) => c.text === contender.text) < place,
  );
  if (twin) throw new UsageError(`--models expected each contender once, got ${twin.text} twice`);
  return contenders;
}

function parseSingle(text: string, isFolder: IsFolder): SingleContender {
  if (text.endsWith('.json') || isPreset(text)) return { kind: 'model', text, file: text };
  if (isModule(text)) return { kind: 'own', text };
  const [name = '', ...rest] = text.split(':');
  if (!(baselineNames as readonly string[]).includes(name)) {
    if (isFolder(text)) return { kind: 'trained', text, folder: text };
    const question = didYouMean([name], [...baselineNames, EVERY_BASELINE, ...Object.keys(presets)]);
    throw new UsageError(`${question}--models expected ${contenderForms}, got ${JSON.stringify(text)}`);
  }
  const options = parseOptions(rest.join(':'), text);
  return { kind: 'baseline', text, name: name as BaselineName, options };
}

function parseMix(text: string, isFolder: IsFolder): MixContender {
  const [, weightText, partsText] = /^mix:(?:([\d.]+):)?(.+)$/s.exec(text) ?? [];
  const parts = partsText?.split('+') ?? [];
  const [first, second] = parts;
  if (parts.length !== 2 || !first || !second) {
    throw new UsageError(`--models expected mix:A+B or mix:WEIGHT:A+B, got ${JSON.stringify(text)}`);
  }
  const weight = weightText === undefined ? undefined : Number(weightText);
  if (weight !== undefined && !(weight >= 0 && weight <= 1)) {
    throw new UsageError(
      `--models expected a weight from 0 to 1, got ${weightText} in ${JSON.stringify(text)}`,
    );
  }
  return { kind: 'mix', text, parts: [parseSingle(first, isFolder), parseSingle(second, isFolder)], weight };
}

function parseOptions(text: string, whole: string): BaselineOptions {
  if (text === '') return {};
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text) as BaselineOptions;
    } catch (cause) {
      throw new UsageError(`--models expected options as JSON, got ${JSON.stringify(whole)}`, { cause });
    }
  }
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [key, ...values] = pair.split('=');
      if (!key || values.length === 0) {
        throw new UsageError(
          `--models expected options as key=value,key=value, got ${JSON.stringify(whole)}`,
        );
      }
      return [key, parseValue(values.join('='))];
    }),
  );
}

/** Parses a JSON value or Infinity; other texts become strings. */
function parseValue(text: string): unknown {
  if (text === 'Infinity') return Number.POSITIVE_INFINITY;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether a contender has to be fitted again for each seed. */
export function needsSeed(contender: Contender): boolean {
  if (contender.kind === 'mix') return contender.parts.some(needsSeed);
  if (contender.kind === 'trained' || contender.kind === 'own') return false;
  return contender.kind === 'model' || isSeeded(contender.name);
}

/** Unique names in tables: the kind with its options, or the user's text if that is not unique. */
export function nameContenders(contenders: readonly Contender[]): string[] {
  const names = contenders.map(titleOf);
  return names.map((name, place) =>
    names.filter((other) => other === name).length > 1 ? (contenders[place]?.text ?? name) : name,
  );
}

export function titleOf(contender: Contender): string {
  switch (contender.kind) {
    case 'model':
      return `GRU4Rec ${basename(contender.file, '.json')}`;
    case 'trained':
      return `GRU4Rec ${basename(contender.folder)}`;
    case 'own':
      return basename(contender.text, extname(contender.text));
    case 'baseline': {
      const [, ...given] = contender.text.split(':');
      const title = baselineTitle(contender.name);
      return given.length === 0 ? title : `${title} (${given.join(':')})`;
    }
    case 'mix': {
      const parts = contender.parts.map(titleOf).join(' + ');
      return contender.weight === undefined ? parts : `${parts} (${contender.weight})`;
    }
  }
}

/** All contenders that are not mixes, including the parts of mixes. */
export function singlesOf(contenders: readonly Contender[]): SingleContender[] {
  return contenders.flatMap((contender) => (contender.kind === 'mix' ? contender.parts : [contender]));
}
