// The published schemas, the README's table and the site's are made from the schema of a configuration and the doc comments of
// `ModelConfig`.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { configDefaults, configSchema, type ModelConfig } from '../src/config.ts';
import { presets } from '../src/model-config.ts';
import { activations } from '../src/programs/activations.ts';

/** A JSON Schema, of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A hyper-parameter for readers. */
export interface HyperParameter {
  readonly key: string;
  readonly fallback: unknown;
  readonly expected: string;
  readonly meaning: string;
}

const written = z.toJSONSchema(configSchema, { io: 'input' });
const properties = written.properties as Readonly<Record<keyof ModelConfig, JsonSchema>>;
const keys = Object.keys(properties) as (keyof ModelConfig)[];

const source = readFileSync(new URL('../src/model-config.ts', import.meta.url), 'utf8');
const comments = source.matchAll(/\/\*\*((?:[^*]|\*(?!\/))+)\.\s*\*\/\s+readonly (\w+):/g);
const meanings = new Map([...comments].map(([, text = '', key = '']) => [key, text]));

/** The doc comment of a hyper-parameter in one line, without its full stop. */
function meaningOf(key: string): string {
  const text = meanings.get(key);
  if (text === undefined) throw new Error(`ModelConfig: "${key}" expected a doc comment, got none.`);
  return text.replaceAll(/\s+(?:\* )?/g, ' ').trim();
}

/** All hyper-parameters, in the order of the schema. */
export const hyperParameters: readonly HyperParameter[] = keys.map((key) => ({
  key,
  fallback: configDefaults[key],
  expected: String(properties[key]['description']),
  meaning: meaningOf(key),
}));

/**
 * The JSON Schema of a configuration's file, for editors and other programs. It accepts all that `parseConfig` accepts except
 * for unusual spellings of an activation's constants, and does not know which keys contradict each other.
 */
export function configJsonSchema(): JsonSchema {
  const description = 'Where absent keys take their values from, instead of their defaults.';
  const preset = { enum: Object.keys(presets), description };
  return {
    $schema: written.$schema,
    title: 'Configuration of GRU4Rec',
    description:
      'Hyper-parameters of a model and its training; absent keys take the values of the preset, or their defaults.',
    type: 'object',
    properties: { $schema: { type: 'string' }, preset, ...configValueSchemas() },
    additionalProperties: false,
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
