import fc from 'fast-check';
import {
  canonicalJson,
  type IntegerParameter,
  type Json,
  type Parameter,
  parseSpace,
  type Space,
  type Values,
} from '../src/space.ts';

const interval = (low: number, high: number) =>
  fc
    .uniqueArray(fc.double({ min: low, max: high, noNaN: true }), { minLength: 2, maxLength: 2 })
    .map((ends) => ends.sort((a, b) => a - b))
    .filter(([least, most]) => least < most)
    .map(([least, most]) => ({ low: least, high: most }));

const parameter: fc.Arbitrary<Json> = fc.oneof(
  interval(-1e6, 1e6).map((ends) => ({ type: 'uniform', ...ends })),
  interval(1e-9, 1e6).map((ends) => ({ type: 'log-uniform', ...ends })),
  fc
    .record({ low: fc.integer({ min: -1000, max: 1000 }), step: fc.integer({ min: 1, max: 50 }) })
    .chain(({ low, step }) =>
      fc.integer({ min: 1, max: 40 }).map((n) => ({ type: 'integer', low, step, high: low + n * step })),
    ),
  fc
    .record({ low: fc.integer({ min: 1, max: 100 }), more: fc.integer({ min: 1, max: 1000 }) })
    .map(({ low, more }) => ({ type: 'integer', low, high: low + more, log: true })),
  fc
    .uniqueArray(fc.constantFrom<Json>(null, true, 'a', 'b', 1, [1, 2], { c: 3 }), {
      minLength: 1,
      selector: canonicalJson,
    })
    .map((options) => ({ type: 'choice', options })),
  fc.constantFrom<Json>('constant', 3),
);

export const arbitrarySpace: fc.Arbitrary<Space> = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), parameter, { minKeys: 1 })
  .map((json) => parseSpace({ ...json }));

/** Whether the values are those of a space, one for each parameter. */
export function belongs(values: Values, space: Space): boolean {
  const names = Object.keys(space);
  if (Object.keys(values).join() !== names.join()) return false;
  return names.every((name) => holds(space[name], values[name]));
}

function holds(parameter: Parameter, value: Json): boolean {
  switch (parameter.type) {
    case 'constant':
      return canonicalJson(value) === canonicalJson(parameter.value);
    case 'choice':
      return parameter.options.map(canonicalJson).includes(canonicalJson(value));
    default: {
      const number = Number(value);
      const inside = typeof value === 'number' && number >= parameter.low && number <= parameter.high;
      return inside && (parameter.type !== 'integer' || onGrid(parameter, number));
    }
  }
}

function onGrid({ low, step }: IntegerParameter, value: number): boolean {
  return Number.isInteger(value) && (value - low) % step === 0;
}
