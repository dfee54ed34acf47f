import { show } from '@gru4rec/checked-options';
import {
  type ClickVocabulary,
  clickVocabularySchema,
  type ModelConfig,
  ModelError,
  type ModelLimits,
  modelLimits,
  parseConfig,
} from '@gru4rec/model';
import { clickShape } from '@gru4rec/model/programs';
import type { ElementType, Header, TensorEntry } from './header.ts';
import { idTensors } from './item-ids.ts';
import { CLICK_VOCABULARY, FORMAT, VERSION } from './to-safetensors.ts';

/** The parts of a header that describe a model, checked before data are read. */
export interface ModelHeader {
  readonly config: ModelConfig;
  /** Parameters, tables and slots of a model with this configuration. */
  readonly variables: ModelLimits['variables'];
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** With `clickFeatures`. */
  readonly clickVocabulary: ClickVocabulary | undefined;
}

/**
 * Checks that a header describes a model: its format, its configuration, and that it has exactly the parameters of that
 * configuration, with their types and shapes.
 *
 * @throws ModelError naming the file, and the tensor if one is wrong.
 */
export function modelHeader(file: string, { metadata, entries }: Header): ModelHeader {
  const [format, version] = ['format', 'version'].map((key) => metadata.get(key));
  if (format !== FORMAT) {
    throw new ModelError(
      file,
      `is not a model: "format" in its metadata expected ${FORMAT}, got ${show(format)}`,
    );
  }
  if (version !== VERSION) {
    throw new ModelError(file, `has format version ${show(version)}; this program reads ${VERSION}`);
  }
  const config = configOf(file, metadata.get('config'));
  const utf8 = idEntry(file, entries, idTensors.utf8, 'U8');
  const itemCount = (idEntry(file, entries, idTensors.offsets, 'I64').shape[0] ?? 0) - 1;
  const clickVocabulary = clicksOf(file, config, metadata.get(CLICK_VOCABULARY));
  const clicks = clickVocabulary && clickShape(clickVocabulary);
  const limits = modelLimits(file, config, itemCount, { clicks });
  if (utf8.to - utf8.from > limits.items) {
    throw new ModelError(
      file,
      `has ${utf8.to - utf8.from} bytes of item ids, expected at most ${limits.items}`,
    );
  }
  const expected = new Map<string, string>(Object.values(idTensors).map((name) => [name, '']));
  for (const { name, rows, cols, kind } of limits.variables) {
    if (kind !== 'slot') expected.set(name, describe('F32', [rows, cols]));
  }
  for (const [name, what] of expected) expectEntry(file, entries, name, what);
  const unknown = [...entries.keys()].find((name) => !expected.has(name));
  if (unknown === undefined) return { config, variables: limits.variables, entries, clickVocabulary };
  throw new ModelError(file, `has a tensor ${show(unknown)}, which its configuration does not have`);
}

function configOf(file: string, json: string | undefined): ModelConfig {
  try {
    return parseConfig(JSON.parse(json ?? 'null'));
  } catch (cause) {
    throw new ModelError(file, 'holds a configuration that is not valid', { cause });
  }
}

function clicksOf(
  file: string,
  { clickFeatures }: ModelConfig,
  json: string | undefined,
): ClickVocabulary | undefined {
  if (clickFeatures.length === 0) return undefined;
  try {
    const vocabulary = clickVocabularySchema.parse(JSON.parse(json ?? 'null'));
    const names = vocabulary.columns.map(({ name }) => name);
    if (names.join('\n') === clickFeatures.join('\n')) return vocabulary;
  } catch {
    // Said below.
  }
  const expected = clickFeatures.map((name) => show(name)).join(', ');
  throw new ModelError(file, `expected "${CLICK_VOCABULARY}" in its metadata with the values of ${expected}`);
}

function idEntry(file: string, entries: Header['entries'], name: string, type: ElementType): TensorEntry {
  const entry = entries.get(name);
  if (entry?.type === type && entry.shape.length === 1) return entry;
  const found = entry ? describe(entry.type, entry.shape) : 'none';
  throw new ModelError(file, `"${name}" expected a vector ${type}, got ${found}`);
}

function expectEntry(file: string, entries: Header['entries'], name: string, expected: string): void {
  const entry = entries.get(name);
  if (!entry) throw new ModelError(file, `lacks "${name}" ${expected}`);
  const found = describe(entry.type, entry.shape);
  if (expected !== '' && found !== expected) {
    throw new ModelError(file, `"${name}" expected ${expected}, got ${found}`);
  }
}

function describe(type: ElementType, shape: readonly number[]): string {
  return `${type} [${shape.slice(0, 8).join(', ')}]`;
}
