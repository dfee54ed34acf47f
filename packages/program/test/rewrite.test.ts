import { adagrad, inlineRegions, type Node, type Program } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../src/interpreter/index.ts';
import { builder, weightedSum } from './fixtures.ts';

/** Trains w through region `outer`, which contains region `inner`; `sigmoid(w)` occurs inside and outside. */
function program(): Program {
  const { b } = builder();
  const w = b.variable('w', 'parameter', 2, 3);
  const [y] = b.region('outer', {}, [w], (body, x) => {
    const [square] = body.region('inner', {}, [x], (g, v) => [g.multiply(v, v)]);
    return [body.add(square, body.sigmoid(x))];
  });
  const loss = weightedSum(b, b.multiply(y, b.sigmoid(w)));
  b.exp(w);
  b.output('loss', loss);
  const gradient = b.gradients(loss).get('w');
  if (gradient) b.update('w', gradient, adagrad({ momentum: 0.2 }), [b.constant(0.1)]);
  return b.build();
}

const regionNames = (nodes: readonly Node[]): (string | undefined)[] =>
  nodes.filter((node) => node.region).map((node) => node.region?.name);

describe('inlineRegions', () => {
  it('replaces every region, nested ones too, and gives a valid program', () => {
    const inlined = inlineRegions(program(), () => false);
    expect(regionNames(program().nodes)).toEqual(['outer', 'outer.gradient']);
    expect(regionNames(inlined.nodes)).toEqual([]);
    expect(inlined.updates[0]?.optimizer.name).toBe('adagrad');
  });

  it('keeps the requested regions', () => {
    const inlined = inlineRegions(program(), (node) => node.region?.name !== 'outer');
    expect(regionNames(inlined.nodes)).toEqual(['inner', 'outer.gradient']);
  });

  it('merges equal ops of region bodies and their surroundings', () => {
    const inlined = inlineRegions(program(), () => false);
    expect(inlined.nodes.filter((node) => node.op === 'sigmoid')).toHaveLength(1);
  });

  it('drops ops that nothing reads', () => {
    expect(program().nodes.some((node) => node.op === 'exp')).toBe(true);
    expect(inlineRegions(program(), () => true).nodes.some((node) => node.op === 'exp')).toBe(false);
  });

  it('changes no value', () => {
    const forms = [program(), inlineRegions(program(), () => true), inlineRegions(program(), () => false)];
    const [first, ...others] = forms.map((form) => {
      const runtime = createReferenceEngine().load([form]);
      runtime.write('w', [-1, 0.5, 2, 0.1, -0.3, 1]);
      return [runtime.run('test', {}).loss, runtime.read('w'), runtime.read('w.mom')];
    });
    for (const other of others) expect(other).toEqual(first);
  });

  it('passes a region’s input through to its output', () => {
    const { b, f32 } = builder();
    const x = f32(1, 2);
    const [same, shifted] = b.region('pass', {}, [x], (g, v) => [v, g.affine(v, 1, 1)]);
    b.output('same', same);
    b.output('shifted', shifted);
    const runtime = createReferenceEngine().load([b.build()]);
    expect(runtime.run('test', { x0: Float32Array.of(3, 4) })).toEqual({
      same: Float64Array.of(3, 4),
      shifted: Float64Array.of(4, 5),
    });
  });
});
