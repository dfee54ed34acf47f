import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ModelConfig, parseConfig } from '@gru4rec/model';
import { type OriginalParameters, toConfig } from '../../src/pytorch/parameters.ts';

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

const urlOf = (file: string): URL => new URL(`fixtures/${file}`, import.meta.url);

export const textOf = (file: string): string => readFileSync(urlOf(file), 'utf8');

export const fixture = (name: FixtureName): Fixture => JSON.parse(textOf(`${name}.json`));

export const weightsOf = (name: FixtureName): string => fileURLToPath(urlOf(`${name}.safetensors`));

export const configOf = (name: FixtureName): ModelConfig =>
  parseConfig(toConfig(fixture(name).parameters).config);
