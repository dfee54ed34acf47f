import { encodeServingModel, type ServedTensor } from '@gru4rec/engine-tensorflow';
import { buildServeProgram } from '@gru4rec/model/programs';
import { inlineRegions, type Tensor } from '@gru4rec/program';
import type { ExportedModel } from '../exported-model.ts';
import { type Extent, freeSlots } from '../free-slots.ts';
import { checkTop, isHistory, nextName, parametersOf, stateName } from '../serving-names.ts';

/** The outputs of an exported model. */
export interface SavedModelOptions {
  /** If given, k: the k best items instead of all scores, or all items if there are fewer. */
  readonly top?: number;
}

/**
 * Encodes a model as a `saved_model.pb` with the signature `serving_default`. A call takes one event per session, for any
 * number of sessions:
 *
 * - in: `item` int32 [batch], item indices, −1 for an item that the model does not know; with a repeat bias `history`
 *   int32 [batch, K], the last K distinct items of the session, `item` first, −1 where there are fewer; `layer<l>_<state>` float32
 *   [batch, units] for each layer and state (`h`, for lstm `c` too), zeros where a session starts;
 * - out: `scores` float32 [batch, I], or with `top` best first, equal ones by index, `top_scores` float32 [batch, k]
 *   and `top_items` int32 [batch, k]; `layer<l>_<state>_next`, inputs for the session's next event.
 *
 * The graph is lowered from the program that the model itself runs, with parameters as constants. It has no item ids;
 * `writeSavedModel` writes them beside it.
 *
 * @returns fresh bytes, about as many as the parameters have.
 * @throws RangeError if `top` is not a positive integer, a parameter is missing, or the parameters take 2 GiB or more,
 *   which is the limit of such a file.
 */
export function toSavedModel(model: ExportedModel, options: SavedModelOptions = {}): Uint8Array {
  checkTop('toSavedModel', options);
  const { top } = options;
  const constants = parametersOf('toSavedModel', 'a SavedModel', model);
  const { config } = model;
  const itemCount = model.itemIds.length;
  const { program, extents } = freeSlots((slots) =>
    inlineRegions(buildServeProgram({ config, itemCount, slots }), () => false),
  );
  const served = (name: string, tensor: Tensor): ServedTensor => {
    const [rows, cols] = extents(tensor);
    const asMatrix = tensor.dtype === 'f32' || isHistory(program, tensor);
    return { name, tensor, asMatrix, extents: [numberOf(rows), numberOf(cols)] };
  };
  const states = program.variables.filter(({ variable }) => variable.kind === 'state');
  return encodeServingModel({
    program,
    inputs: [
      ...Object.entries(program.inputs).map(([name, tensor]) => served(name, tensor)),
      ...states.map(({ variable, tensor }) => served(stateName(variable.name), tensor)),
    ],
    outputs: [
      ...Object.entries(program.outputs).map(([name, tensor]) => served(name, tensor)),
      ...program.assignments.map(({ variable, value }) => served(nextName(variable), value)),
    ],
    constants,
    ...(top === undefined ? {} : { top: Math.min(top, itemCount) }),
  });
}

/** TensorFlow writes −1 for an extent that the caller decides. */
function numberOf(extent: Extent): number {
  return extent === 'batch' ? -1 : extent;
}
