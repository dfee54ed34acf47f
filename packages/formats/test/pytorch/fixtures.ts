import { readFileSync } from 'node:fs';
import { type ModelConfig, parseConfig } from '@gru4rec/model';
import { type OriginalParameters, toConfig } from '../../src/pytorch/parameters.ts';
import { type OriginalWeights, readOriginalWeights } from '../../src/pytorch/weights.ts';

/** A model that test/fixtures/generate.py wrote, and the results of torch for it. */
export interface Fixture {
  readonly parameters: OriginalParameters;
  readonly sessions: readonly {
    readonly items: readonly number[];
    /** Scores of all items after each event, before the activation of the loss. */
    readonly scores: readonly (readonly number[])[];
  }[];
}

export const fixtureNames = ['constrained', 'separate', 'one-hot'] as const;
export type FixtureName = (typeof fixtureNames)[number];

export const bytesOf = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${file}`, import.meta.url)));

export const textOf = (file: string): string =>
  readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8');

export const fixture = (name: FixtureName): Fixture => JSON.parse(textOf(`${name}.json`));

export const weightsOf = (name: FixtureName): OriginalWeights =>
  readOriginalWeights(`${name}.weights.arrow`, bytesOf(`${name}.weights.arrow`));

export const configOf = (name: FixtureName): ModelConfig =>
  parseConfig(toConfig(fixture(name).parameters).config);
