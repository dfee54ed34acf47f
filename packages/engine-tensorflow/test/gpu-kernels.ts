import { readFileSync } from 'node:fs';
import { DataType, type NodeMessage } from '../src/messages.ts';

/** The types that the GPU kernels of each op allow, by type attribute; written by `scripts/list-gpu-kernels.py`. */
const { kernels } = JSON.parse(readFileSync(new URL('gpu-kernels.json', import.meta.url), 'utf8')) as {
  kernels: Record<string, readonly Record<string, readonly string[]>[]>;
};

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
    return allowed.includes(attribute && 'type' in attribute ? nameOf(attribute.type) : DEFAULT_TYPE);
  });
}

function nameOf(code: number): string {
  return Object.entries(DataType).find(([, value]) => value === code)?.[0] ?? String(code);
}
