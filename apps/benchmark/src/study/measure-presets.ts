import { join } from 'node:path';
import { type BaselineName, baselineTitle, createBaseline } from '@gru4rec/baselines';
import { parseConfig, presets } from '@gru4rec/model';
import type { StudyFigures } from '@gru4rec/report';
import { Cache } from './cache.ts';
import { codeVersion } from './code-version.ts';
import { openStudyData, type StudyData } from './data-sets.ts';
import { evaluateRanks, figuresOf, fitModel } from './fit.ts';
import type { StudySettings } from './run-study.ts';

/** Neighbours that the presets are compared with, as they are without tuning. */
const neighbours: readonly BaselineName[] = ['s-knn', 'v-sknn', 'stan', 'vstan'];

/** Figures on the test split of the training with one seed. */
export interface SeedFigures extends StudyFigures {
  readonly seed: number;
}

/** Figures of a method on the test split. */
export interface NamedFigures extends StudyFigures {
  readonly name: string;
}

/** Presets and neighbours on one data set. */
export interface PresetRow {
  readonly data: string;
  /** Of the training and test sessions. */
  readonly checksum: string;
  /** By the name of the preset. */
  readonly presets: Readonly<Record<string, readonly SeedFigures[]>>;
  /** With their default options. */
  readonly neighbours: readonly NamedFigures[];
}

/** Data sets, seeds and engine of the runs of presets. */
export type PresetSettings = Pick<
  StudySettings,
  'names' | 'source' | 'seeds' | 'output' | 'workshop' | 'say'
>;

/** Trains every preset once per seed without other options. Evaluates presets and untuned neighbours on the test sessions. */
export async function measurePresets(settings: PresetSettings): Promise<PresetRow[]> {
  const rows: PresetRow[] = [];
  for (const name of settings.names) {
    const folder = join(settings.output, name);
    const code = codeVersion();
    const data = await openStudyData(name, settings.source, {
      folder,
      cache: new Cache(folder, { name, code }),
    });
    rows.push(await measure(data, new Cache(folder, { name, code, data: data.checksum }), settings));
  }
  return rows;
}

async function measure(
  { name, final }: StudyData,
  cache: Cache,
  { seeds, workshop, say }: PresetSettings,
): Promise<PresetRow> {
  const ofPresets: Record<string, SeedFigures[]> = {};
  for (const [preset, values] of Object.entries(presets)) {
    const runs: SeedFigures[] = [];
    for (const seed of seeds) {
      const figures = await cache.get('preset', { values, seed }, async () => {
        const model = await fitModel(parseConfig({ ...values, seed }), final, workshop);
        return figuresOf(await evaluateRanks(model.scorer(), final.test, workshop));
      });
      say(
        `${name}: ${preset}, seed ${seed}: recall ${figures.recall.toFixed(4)}, MRR ${figures.mrr.toFixed(4)}`,
      );
      runs.push({ seed, ...figures });
    }
    ofPresets[preset] = runs;
  }
  const ofNeighbours: NamedFigures[] = [];
  for (const baseline of neighbours) {
    const figures = await cache.get('untuned', baseline, async () =>
      figuresOf(await evaluateRanks(createBaseline(baseline, final), final.test, workshop)),
    );
    ofNeighbours.push({ name: baselineTitle(baseline), ...figures });
  }
  return { data: name, checksum: final.manifest.checksum, presets: ofPresets, neighbours: ofNeighbours };
}
