import { type Program, ProgramBuilder } from '@gru4rec/program';
import { conformancePrograms } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import type { NodeMessage } from '../src/graph-writer.ts';
import { writeModel } from '../src/write-model.ts';
import { withoutGpuKernel } from './gpu-kernels.ts';
import { trainRows } from './train-rows.ts';

const GPU = '/device:GPU:0';

function write(programs: readonly Program[]): readonly NodeMessage[] {
  return writeModel(programs, GPU).nodes;
}

/** The nodes that a node depends on, itself included. */
function behind(nodes: readonly NodeMessage[], name: string): Set<NodeMessage> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const found = new Set<NodeMessage>();
  const visit = (ref: string): void => {
    const node = byName.get(ref.replace(/^\^/, '').replace(/:\d+$/, ''));
    if (node === undefined || found.has(node)) return;
    found.add(node);
    node.input.forEach(visit);
  };
  visit(name);
  return found;
}

describe('writeModel', () => {
  it('uses no op without a GPU kernel', () => {
    const missing = conformancePrograms().flatMap((program) => withoutGpuKernel(write([program])));
    expect([...new Set(missing)]).toEqual([]);
  });

  it('places every node on the device, except those that find equal indices, which are on the host', () => {
    const nodes = write([trainRows()]);
    const elsewhere = nodes.filter((node) => node.device !== GPU);
    expect(elsewhere.map(({ op, device }) => [op, device])).toEqual([['Unique', '/device:CPU:0']]);
    expect(new Set(nodes.map((node) => node.device)).size).toBe(2);
  });

  it('names every node uniquely, and reads only existing nodes', () => {
    const nodes = conformancePrograms().flatMap((p) => (p.name === 'gather' ? write([p, trainRows()]) : []));
    const names = nodes.map((node) => node.name);
    expect(new Set(names).size).toBe(names.length);
    const read = nodes.flatMap((node) =>
      node.input.map((ref) => ref.replace(/^\^/, '').replace(/:\d+$/, '')),
    );
    expect(read.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('changes only touched rows of a table, and reads no table as a whole', () => {
    const model = writeModel([trainRows()], GPU);
    const callable = model.callables.get('train');
    const step = [...behind(model.nodes, callable?.fetches[0] ?? '')].map((node) => node.op);
    expect(step.filter((op) => op === 'ResourceScatterUpdate')).toHaveLength(2);
    expect(step.filter((op) => op === 'ResourceScatterAdd')).toHaveLength(1);
    expect(step).not.toContain('ReadVariableOp');
    expect(step).not.toContain('AssignVariableOp');
  });

  it('orders the writes of a variable after its reads', () => {
    const model = writeModel([trainRows()], GPU);
    const step = [...behind(model.nodes, model.callables.get('train')?.fetches[0] ?? '')];
    for (const { input } of step.filter((node) => node.op.startsWith('ResourceScatter'))) {
      const readers = step.filter((node) => node.op === 'ResourceGather' && node.input[0] === input[0]);
      expect(readers.length).toBeGreaterThan(0);
      expect(input).toEqual(expect.arrayContaining(readers.map(({ name }) => `^${name}`)));
    }
  });

  it('looks up rows in a table’s value if the step reads it as a whole, so that TensorFlow does not copy it', () => {
    const b = new ProgramBuilder('score');
    const table = b.variable('table', 'table', 50, 3);
    const rows = b.gather(table, b.input('items', { dtype: 'i32', rows: 2, cols: 1 }));
    b.output('scores', b.matmul(rows, table, { transposeB: true }));
    const ops = write([b.build()]).filter((node) => node.name.startsWith('score/'));
    expect(ops.map((node) => node.op)).not.toContain('ResourceGather');
    expect(ops.filter((node) => node.op === 'ReadVariableOp')).toHaveLength(1);
  });
});

describe('withoutGpuKernel', () => {
  const T = (type: 1 | 3) => ({ T: { type } }) as const;
  const node = (op: string, attr: NodeMessage['attr']): NodeMessage => ({
    name: op,
    op,
    input: [],
    device: '',
    attr,
  });

  it('finds an op without a kernel, and a type without a kernel for an op', () => {
    const nodes = [node('Elu', T(1)), node('Elu', T(3)), node('Nothing', {})];
    expect(withoutGpuKernel(nodes)).toEqual(['Elu {"T":{"type":3}}', 'Nothing {}']);
  });
});
