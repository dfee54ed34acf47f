import { writeFolder } from '@gru4rec/durable-files';
import { isFresh, SessionParts } from '@gru4rec/model';
import { buildServeProgram, clickShape, historyLength } from '@gru4rec/model/programs';
import { type ExportedModel, exportedParts, idChunks, idsChecksum } from '../exported-model.ts';
import { type LoweredProgram, lowerProgram, type ParameterValues } from './lower-program.ts';
import { encodeModel, type OnnxValue } from './onnx-graph.ts';
import { sessionChanges } from './session-parts.ts';

/** The outputs of an exported model. */
export interface OnnxOptions {
  /** If given, k: the k best items instead of all scores, or all items if there are fewer. */
  readonly top?: number | undefined;
}

/**
 * Encodes a model as an ONNX file (opset 17). A run takes one event per session, for any number of sessions; the README has the
 * shapes and types of its inputs and outputs, and its metadata. The graph is lowered from the program that the model itself runs.
 * It has no item ids; `writeOnnx` writes them beside it.
 * @returns fresh bytes, about as many as the parameters have.
 * @throws RangeError if a parameter is missing, or if they take 2 GiB or more, which is the limit of an ONNX file.
 */
export function toOnnx(exported: ExportedModel, options: OnnxOptions = {}): Uint8Array {
  const model = exportedParts(exported);
  const { top } = options;
  const parameters = parametersOf(model);
  const { config, clickVocabulary } = model;
  const itemCount = model.itemIds.length;
  const clicks = clickVocabulary && clickShape(clickVocabulary);
  const parts = SessionParts.open(config, model.tensors, itemCount);
  const places = historyLength(config);
  const program = { config, itemCount, clicks, changed: parts?.length, fresh: isFresh(config) };
  const lowered = lowerProgram((slots) => buildServeProgram({ ...program, slots }), parameters, {
    inputs: parts ? historyInputs(places) : [],
    derive: (graph) => sessionChanges(graph, parts?.names ?? [], { ...model, places, itemCount }),
  });
  const outputs = top === undefined ? lowered.outputs : endWithTop(lowered, Math.min(top, itemCount));
  return encodeModel({
    description: 'GRU4Rec: one event of each session in, what follows out.',
    nodes: lowered.graph.nodes,
    initializers: lowered.graph.initializers,
    inputs: lowered.inputs.map(described),
    outputs: outputs.map(described),
    metadata: {
      format: 'gru4rec-onnx',
      version: '1',
      config: JSON.stringify(model.config),
      item_count: String(itemCount),
      items_sha256: idsChecksum(model.itemIds),
      ...(clickVocabulary && { click_vocabulary: JSON.stringify(clickVocabulary) }),
    },
  });
}

function historyInputs(places: number): OnnxValue[] {
  return [
    { name: 'history', type: 'int64', dims: ['batch', places], description: '' },
    { name: 'history_clicks', type: 'float', dims: ['batch', places + 1], description: '' },
  ];
}

/** What a protobuf message can hold, less room for everything but the tables. */
const MOST_BYTES = 2 ** 31 - 2 ** 20;

/** @throws RangeError if they are 2 GiB or more. */
function parametersOf({ tensors }: ExportedModel): ParameterValues {
  const parameters = new Map(tensors.map(({ name, values }) => [name, values]));
  const bytes = [...parameters.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes <= MOST_BYTES) return parameters;
  const gibibytes = (bytes / 2 ** 30).toFixed(1);
  throw new RangeError(
    `toOnnx: parameters expected less than 2 GiB, all that an ONNX file holds, got ${gibibytes} GiB. Export safetensors.`,
  );
}

const descriptions: Readonly<Record<string, string>> = {
  item: 'Item indices; -1 for an item that the model does not know.',
  history: 'The last distinct item indices of the session, item first; -1 where there are fewer.',
  history_clicks:
    'The natural logarithms of how often the session clicked each item of history, 0 where there is none, then their mean over its items.',
  click_features:
    'Numbers of the values of the click in click_vocabulary, one column after the other; -1 for none.',
  scores: 'Of all items, by index.',
  top_scores: 'Best first.',
  top_items: 'Item indices, best first; equal scores by index.',
};

function described(value: OnnxValue): OnnxValue {
  return { ...value, description: descriptions[value.name] ?? value.description };
}

/** @returns the outputs, with the best `k` in place of the scores. */
function endWithTop({ graph, outputs }: LoweredProgram, k: number): OnnxValue[] {
  const count = graph.integer('constant.k', k, [1]);
  graph.append('TopK', ['scores', count], ['top_scores', 'top_items']);
  const dims = ['batch', k];
  return [
    { name: 'top_scores', type: 'float', dims, description: '' },
    { name: 'top_items', type: 'int64', dims, description: '' },
    ...outputs.filter(({ name }) => name !== 'scores'),
  ];
}

/** Name of the graph in the folder. */
export const ONNX_FILE = 'model.onnx';

/**
 * Writes a folder with the graph of `toOnnx` in `model.onnx` and `items.json`, a JSON array of the item ids by
 * item index, and with features of clicks `clicks.json`, their columns and values; all of it or nothing.
 * @param folder - created, or replaced if it has a `model.onnx`.
 * @throws DurableError if it has other contents or cannot be written.
 * @throws RangeError under the conditions of `toOnnx`.
 */
export async function writeOnnx(
  model: ExportedModel,
  folder: string,
  options: OnnxOptions = {},
): Promise<void> {
  const bytes = toOnnx(model, options);
  const clicks = model.clickVocabulary;
  await writeFolder(
    folder,
    {
      'items.json': idChunks(model.itemIds),
      ...(clicks && { 'clicks.json': [Buffer.from(JSON.stringify(clicks))] }),
    },
    { name: ONNX_FILE, make: () => bytes },
  );
}
