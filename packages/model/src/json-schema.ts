import { z } from 'zod';
import { configDefaults, configSchema, type ModelConfig } from './config.ts';
import { configMeanings } from './config-meanings.ts';
import { presets } from './presets.ts';
import { activations } from './programs/activations.ts';

/** A JSON Schema, of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A hyper-parameter for readers. */
export interface HyperParameter {
  readonly key: string;
  /** Its value if the key is absent. */
  readonly fallback: unknown;
  /** Its allowed values. */
  readonly expected: string;
  /** What it does, in Markdown. */
  readonly meaning: string;
}

const written = z.toJSONSchema(configSchema, { io: 'input' });
const properties = written.properties as Readonly<Record<keyof ModelConfig, JsonSchema>>;
const keys = Object.keys(properties) as (keyof ModelConfig)[];

/** All hyper-parameters, in the order of the schema. */
export const hyperParameters: readonly HyperParameter[] = keys.map((key) => ({
  key,
  fallback: configDefaults[key],
  expected: String(properties[key]['description']),
  meaning: configMeanings[key],
}));

/**
 * The JSON Schema of a configuration's file, for editors and other programs. It accepts all that `parseConfig` accepts except
 * for unusual spellings of an activation's constants, and does not know which keys contradict each other.
 */
export function configJsonSchema(): JsonSchema {
  return {
    $schema: written.$schema,
    title: 'Configuration of GRU4Rec',
    description:
      'Hyper-parameters of a model and its training; absent keys take the values of the preset, or their defaults.',
    type: 'object',
    properties: { $schema: { type: 'string' }, preset: presetSchema(), ...configValueSchemas() },
    additionalProperties: false,
  };
}

function presetSchema(): JsonSchema {
  return {
    enum: Object.keys(presets),
    description: 'Where absent keys take their values from, instead of their defaults.',
  };
}

/** The JSON Schema of each hyper-parameter's value. */
export function configValueSchemas(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    hyperParameters.map(({ key, fallback, expected, meaning }) => [
      key,
      {
        ...properties[key as keyof ModelConfig],
        default: fallback,
        ...(key === 'finalAct' || key === 'hiddenAct' ? activationSchema() : {}),
        description: `${meaning.replaceAll('`', '')}. Allowed: ${expected}.`,
      },
    ]),
  );
}

function activationSchema(): JsonSchema {
  const entries = Object.entries(activations).map(
    ([name, { constants }]) => [name, Object.keys(constants).length] as const,
  );
  const names = entries.filter(([, constants]) => constants === 0).map(([name]) => name);
  const patterns = entries
    .filter(([, constants]) => constants > 0)
    .map(([name, constants]) => name + '-(\\d+\\.?\\d*|\\.\\d+)'.repeat(constants));
  return { anyOf: [{ enum: names }, { pattern: `^(${patterns.join('|')})$` }] };
}
