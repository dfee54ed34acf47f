import { readFileSync } from 'node:fs';
import type { NodeMessage } from '../src/graph-writer.ts';

/** The types that the GPU kernels of each op allow, by type attribute; written by `scripts/list-gpu-kernels.py`. */
const { kernels } = JSON.parse(readFileSync(new URL('gpu-kernels.json', import.meta.url), 'utf8')) as {
  kernels: Record<string, readonly Record<string, readonly string[]>[]>;
};

/** Names in that list, by TensorFlow's number of a type. */
const typeNames = new Map([
  [1, 'float'],
  [3, 'int32'],
  [9, 'int64'],
  [10, 'bool'],
  [22, 'uint32'],
  [23, 'uint64'],
]);
/** TensorFlow's defaults for type attributes that a node omits. */
const DEFAULT_TYPE = 'int32';

/** Ops and types of a graph for which TensorFlow has no GPU kernel. */
export function withoutGpuKernel(nodes: readonly NodeMessage[]): string[] {
  const missing = nodes.filter((node) => !kernels[node.op]?.some((kernel) => serves(kernel, node)));
  return [...new Set(missing.map(({ op, attr }) => `${op} ${JSON.stringify(attr)}`))];
}

function serves(kernel: Record<string, readonly string[]>, { attr }: NodeMessage): boolean {
  return Object.entries(kernel).every(([name, allowed]) => {
    const attribute = attr[name];
    return allowed.includes(
      attribute && 'type' in attribute ? (typeNames.get(attribute.type) ?? '') : DEFAULT_TYPE,
    );
  });
}
