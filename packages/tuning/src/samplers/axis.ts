import type { RandomStream } from '@gru4rec/random';
import {
  type ChoiceParameter,
  canonicalJson,
  type IntegerParameter,
  type Json,
  type Parameter,
  type Space,
  type Values,
} from '../space.ts';

/** A numeric parameter. Uniform positions give its prior; in log space, they are logarithms. */
export interface NumberAxis {
  readonly name: string;
  readonly kind: 'number';
  /** Ends of the positions; of integers, half a step outside the lowest and the highest value. */
  readonly low: number;
  readonly high: number;
  /** Whether each value covers a cell, as integers do. */
  readonly discrete: boolean;
  readonly positionOf: (value: Json) => number;
  readonly valueAt: (position: number) => number;
  /** The cell of the value at a position; the position twice if the axis is not discrete. */
  readonly cellAt: (position: number) => readonly [lower: number, upper: number];
}

/** A choice parameter. A position is the index of an option. */
export interface ChoiceAxis {
  readonly name: string;
  readonly kind: 'choice';
  readonly count: number;
  readonly positionOf: (value: Json) => number;
  readonly valueAt: (position: number) => Json;
}

export type Axis = NumberAxis | ChoiceAxis;

/** Of all parameters except constants, sorted by name: the space's own order has no effect. */
export function axesOf(space: Space): Axis[] {
  return Object.keys(space)
    .sort()
    .flatMap((name) => axisOf(name, space[name]) ?? []);
}

export function positionsOf(values: Values, axes: readonly Axis[]): Float64Array {
  return Float64Array.from(axes, (axis) => axis.positionOf(values[axis.name]));
}

export function valuesAt(positions: Float64Array, axes: readonly Axis[], space: Space): Values {
  const values = new Map(axes.map((axis, d) => [axis.name, axis.valueAt(positions[d])]));
  const entries = Object.entries(space).map(([name, parameter]) => [
    name,
    parameter.type === 'constant' ? parameter.value : values.get(name),
  ]);
  return Object.fromEntries(entries);
}

export function drawPosition(axis: Axis, stream: RandomStream): number {
  if (axis.kind === 'choice') return stream.nextBelow(axis.count);
  return snap(axis, axis.low + stream.nextFloat() * (axis.high - axis.low));
}

export function snap(axis: NumberAxis, position: number): number {
  return axis.positionOf(axis.valueAt(position));
}

function axisOf(name: string, parameter: Parameter): Axis | undefined {
  switch (parameter.type) {
    case 'constant':
      return undefined;
    case 'choice':
      return choiceAxis(name, parameter);
    case 'integer':
      return integerAxis(name, parameter);
    default:
      return realAxis(name, parameter);
  }
}

function choiceAxis(name: string, { options }: ChoiceParameter): ChoiceAxis {
  const indexes = new Map(options.map((option, index) => [canonicalJson(option), index]));
  return {
    name,
    kind: 'choice',
    count: options.length,
    positionOf: (value) => indexes.get(canonicalJson(value)) ?? 0,
    valueAt: (position) => options[position],
  };
}

function realAxis(
  name: string,
  { type, low, high }: Exclude<Parameter, ChoiceParameter | IntegerParameter | { type: 'constant' }>,
): NumberAxis {
  const [scale, unscale] = scales(type === 'log-uniform');
  return {
    name,
    kind: 'number',
    low: scale(low),
    high: scale(high),
    discrete: false,
    positionOf: (value) => scale(Number(value)),
    // exp(log(low)) may differ from low by rounding.
    valueAt: (position) => Math.min(Math.max(unscale(position), low), high),
    cellAt: (position) => [position, position],
  };
}

function integerAxis(name: string, { low, high, step, log }: IntegerParameter): NumberAxis {
  const [scale, unscale] = scales(log);
  const valueAt = (position: number) => {
    const steps = Math.round((unscale(position) - low) / step);
    return Math.min(Math.max(low + steps * step, low), high);
  };
  return {
    name,
    kind: 'number',
    low: scale(low - step / 2),
    high: scale(high + step / 2),
    discrete: true,
    positionOf: (value) => scale(Number(value)),
    valueAt,
    cellAt: (position) => {
      const value = valueAt(position);
      return [scale(value - step / 2), scale(value + step / 2)];
    },
  };
}

type Scale = (x: number) => number;

function scales(log: boolean): [scale: Scale, unscale: Scale] {
  return log ? [Math.log, Math.exp] : [(x) => x, (x) => x];
}
