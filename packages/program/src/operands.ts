import type { Node, Region, Tensor } from './tensor.ts';

/**
 * A tensor of a list that is known to be long enough.
 * @throws RangeError if it is not.
 */
export function tensorAt(tensors: readonly Tensor[], index: number): Tensor {
  const tensor = tensors[index];
  if (tensor) return tensor;
  throw new RangeError(`tensorAt: "index" expected integer in [0, ${tensors.length}), got ${index}`);
}

/**
 * Input `index` of a node whose op always has it, or of a region.
 * @throws RangeError if it has fewer inputs.
 */
export function inputOf(operation: Node | Region, index = 0): Tensor {
  return tensorAt(operation.inputs, index);
}

/**
 * Output `index` of a node whose op always has it, or of a region.
 * @throws RangeError if it has fewer outputs.
 */
export function outputOf(operation: Node | Region, index = 0): Tensor {
  return tensorAt(operation.outputs, index);
}
