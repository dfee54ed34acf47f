import { encodeServingModel, type ServedTensor } from '@gru4rec/engine-tensorflow';
import { buildServeProgram } from '@gru4rec/model/programs';
import { inlineRegions, type Tensor } from '@gru4rec/program';
import type { ExportedModel } from '../exported-model.ts';
import { type Extent, freeSlots } from '../free-slots.ts';
import { checkTop, nextName, parametersOf, stateName } from '../serving-names.ts';

/** What comes out of an exported model. */
export interface SavedModelOptions {
  /** So many best items instead of the scores of all; fewer if there are fewer items. */
  readonly top?: number;
}

/**
 * A model as the bytes of a `saved_model.pb` with the one signature `serving_default`, which takes one event of each of
 * any number of sessions:
 *
 * - in: `item` int32 [batch], item indices, −1 for an item that the model does not know; `layer<l>_<state>` float32
 *   [batch, units] for each layer and state (`h`, for lstm `c` too), zeros where a session starts;
 * - out: `scores` float32 [batch, I], or with `top` best first, equal ones by index, `top_scores` float32 [batch, k]
 *   and `top_items` int32 [batch, k]; `layer<l>_<state>_next`, to be handed in with the session's next event.
 *
 * The graph is lowered from the program that the model itself runs; parameters are constants of it. Item ids are not in
 * it, see `writeSavedModel`.
 *
 * @returns fresh; about as large as the parameters.
 * @throws RangeError if `top` is no positive integer, a parameter is missing, or they are 2 GiB or more, which is all
 *   that such a file holds.
 */
export function toSavedModel(model: ExportedModel, { top }: SavedModelOptions = {}): Uint8Array {
  checkTop('toSavedModel', top);
  const constants = parametersOf('toSavedModel', 'a SavedModel', model);
  const { config } = model;
  const itemCount = model.itemIds.length;
  const { program, extents } = freeSlots((slots) =>
    inlineRegions(buildServeProgram({ config, itemCount, slots }), () => false),
  );
  const served = (name: string, tensor: Tensor): ServedTensor => {
    const [rows, cols] = extents(tensor);
    return { name, tensor, extents: [numberOf(rows), numberOf(cols)] };
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

/** TensorFlow writes −1 for an extent that a call decides. */
function numberOf(extent: Extent): number {
  return extent === 'batch' ? -1 : extent;
}
