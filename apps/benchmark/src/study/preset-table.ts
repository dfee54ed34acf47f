import { join } from 'node:path';
import { type BaselineName, baselineTitle, createBaseline } from '@gru4rec/baselines';
import { parseConfig, presets } from '@gru4rec/model';
import type { StudyFigures, StudySection } from '@gru4rec/report';
import { resultsFolder } from '../results/record.ts';
import { readRecordedStudy } from '../results/study-record.ts';
import { Cache } from './cache.ts';
import { codeVersion } from './code-version.ts';
import { type DataName, openStudyData, type StudyData } from './data-sets.ts';
import { evaluateRanks, figuresOf, fitModel, scoreOf } from './fit.ts';
import type { StudySettings } from './run-study.ts';

/** Neighbours that the presets are compared with, as they are without tuning. */
const neighbours: readonly BaselineName[] = ['s-knn', 'v-sknn', 'stan', 'vstan'];

/** Figures on the test split with what they are of. */
export interface NamedFigures extends StudyFigures {
  readonly name: string;
}

/** A row of the table. */
export interface PresetRow {
  readonly data: DataName;
  /** Means over seeds, in the order of `presets`. */
  readonly presets: readonly NamedFigures[];
  /** The GRU4Rec that the study's validation chose, tuned on this data set; undefined if none is recorded. */
  readonly known: NamedFigures | undefined;
  /** The untuned neighbour with the greatest recall on the test split. */
  readonly neighbour: NamedFigures;
}

/** What the runs need. */
export type PresetSettings = Pick<
  StudySettings,
  'names' | 'source' | 'seeds' | 'output' | 'workshop' | 'say'
>;

/** Trains both presets without any other option, and evaluates them on the test sessions, once per seed. */
export async function presetRows(settings: PresetSettings): Promise<PresetRow[]> {
  const sections = readRecordedStudy(resultsFolder)?.report.sections ?? [];
  const rows: PresetRow[] = [];
  for (const name of settings.names) {
    const folder = join(settings.output, name);
    const code = codeVersion();
    const data = await openStudyData(name, settings.source, {
      folder,
      cache: new Cache(folder, { name, code }),
    });
    const cache = new Cache(folder, { name, code, data: data.checksum });
    const section = sections.find((found) => found.name === name);
    rows.push({ data: name, ...(await measure(data, cache, settings)), known: section && knownOf(section) });
  }
  return rows;
}

async function measure(
  { name, final }: StudyData,
  cache: Cache,
  { seeds, workshop, say }: PresetSettings,
): Promise<Pick<PresetRow, 'presets' | 'neighbour'>> {
  const ofPresets: NamedFigures[] = [];
  for (const [preset, values] of Object.entries(presets)) {
    const runs: StudyFigures[] = [];
    for (const seed of seeds) {
      const figures = await cache.get('preset', { values, seed }, async () => {
        const model = await fitModel(parseConfig({ ...values, seed }), final, workshop);
        return figuresOf(await evaluateRanks(model.scorer(), final.test, workshop));
      });
      say(`${name}: ${preset}, seed ${seed}: ${shown(figures)}`);
      runs.push(figures);
    }
    ofPresets.push({ name: preset, ...meanOf(runs) });
  }
  const ofNeighbours: NamedFigures[] = [];
  for (const baseline of neighbours) {
    const figures = await cache.get('untuned', baseline, async () =>
      figuresOf(await evaluateRanks(createBaseline(baseline, final), final.test, workshop)),
    );
    ofNeighbours.push({ name: baselineTitle(baseline), ...figures });
  }
  const neighbour = ofNeighbours.reduce((best, found) => (found.recall > best.recall ? found : best));
  return { presets: ofPresets, neighbour };
}

function meanOf(runs: readonly StudyFigures[]): StudyFigures {
  const mean = (of: (figures: StudyFigures) => number) =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  return { recall: mean(({ recall }) => recall), mrr: mean(({ mrr }) => mrr) };
}

/** The tuned GRU4Rec of a recorded study with the best validation figures. */
function knownOf({ rows }: StudySection): NamedFigures | undefined {
  const models = rows.flatMap(({ family, name, tuning, recall, mrr }) =>
    family === 'gru4rec' && tuning
      ? [{ score: scoreOf(tuning.tuned), name, recall: recall.mean, mrr: mrr.mean }]
      : [],
  );
  const [best] = models.sort((a, b) => b.score - a.score);
  return best && { name: best.name, recall: best.recall, mrr: best.mrr };
}

const shown = ({ recall, mrr }: StudyFigures): string => `${recall.toFixed(4)} / ${mrr.toFixed(4)}`;

/** The rows as a table in Markdown: recall@20 / MRR@20 on the test split. */
export function presetMarkdown(rows: readonly PresetRow[]): string {
  const head = [
    'data',
    ...Object.keys(presets).map((name) => `\`${name}\``),
    'tuned on it',
    'best neighbour',
  ];
  const lines = rows.map(({ data, presets: found, known, neighbour }) => [
    data,
    ...found.map(shown),
    known ? `${shown(known)} (${known.name})` : '',
    `${shown(neighbour)} (${neighbour.name})`,
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}
