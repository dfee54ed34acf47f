import { show } from '@gru4rec/checks';
import { checkJson } from '@gru4rec/checks/json';
import { z } from 'zod';
import { platform } from '#platform';
import { type ModelConfig, parseConfig } from '../config.ts';
import { type SparsePartName, sparseParts, type TableWidths } from '../parts/registry.ts';
import type { ClickVocabulary } from '../programs/click-features.ts';
import { newerConfig } from './older-model.ts';

/** A model folder or checkpoint cannot be read or written; one line that names the file. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file} ${problem}`, options);
    this.file = file;
  }
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size such as `1.5 GiB`; TiB is the largest unit. */
export function inWords(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(bytes) / 10)));
  const amount = bytes / 2 ** (10 * power);
  return `${amount.toLocaleString('en-US', { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`;
}

export const checksumSchema: z.ZodString = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

/** Which values of clicks are features; see `ClickVocabulary`. */
export const clickVocabularySchema: z.ZodType<ClickVocabulary> = z.object({
  columns: z.array(
    z.object({ name: z.string(), values: z.array(z.string()), isType: z.literal(true).exactOptional() }),
  ),
});

/** N of the tables of each part that has some. */
export const tableWidthsSchema: z.ZodType<TableWidths> = z.partialRecord(
  z.enum(Object.keys(sparseParts) as SparsePartName[]),
  z.int().positive(),
);

/** What a manifest must be. */
export interface ManifestKind<Content> {
  readonly format: string;
  readonly version: number;
  readonly name: string;
  readonly schema: z.ZodType<Content>;
  /** How it is made: by which command, and what to do again if it is damaged; `train` and `train` if not given. */
  readonly made?: { readonly command: string; readonly verb: string };
}

/**
 * SHA-256, in hexadecimal, of a manifest without its key `checksum`, as JSON without white space in the order of its keys:
 * the layout of the file does not matter.
 */
export function manifestChecksum(manifest: object): string {
  const { checksum: _, ...rest } = JSON.parse(JSON.stringify(manifest)) as { checksum?: unknown };
  return platform.sha256().update(JSON.stringify(rest)).hex();
}

/** The bytes of a manifest, with its checksum. */
export function sealManifest(content: object): Uint8Array {
  const sealed = { ...content, checksum: manifestChecksum(content) };
  return new TextEncoder().encode(`${JSON.stringify(sealed, null, 2)}\n`);
}

/** Checks the text of a manifest. @throws ModelError in one line that names the file. */
export function parseManifest<Content>(file: string, text: string, kind: ManifestKind<Content>): Content {
  const { format, version, name, schema } = kind;
  const { command, verb } = kind.made ?? { command: 'train', verb: 'train' };
  try {
    const manifest: Record<'format' | 'version' | 'checksum', unknown> | null = JSON.parse(text);
    if (manifest?.format !== format) {
      throw new ModelError(
        file,
        `is not ${name}: "format" expected ${format}. Give a folder that \`${command}\` wrote`,
      );
    }
    if (manifest.version !== version) {
      const problem = `has format version ${show(manifest.version)}; this program reads ${version}`;
      throw new ModelError(file, `${problem}. ${capital(verb)} it again, or use the release that wrote it`);
    }
    if (manifest.checksum !== manifestChecksum(manifest)) {
      throw new ModelError(file, `differs from its own checksum: it was altered. Copy or ${verb} it again`);
    }
    return checkJson(schema, manifest, ({ path, expected, got }) => {
      return new ModelError(file, `"${path}" expected ${expected}, got ${got}. Copy or ${verb} it again`);
    });
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    // JSON that is nested too deeply for the stack is not a manifest either.
    throw new ModelError(file, `is not JSON: it is truncated or was altered. Copy or ${verb} it again`, {
      cause,
    });
  }
}

/** The configuration of a stored model. @throws ModelError if it is not valid. */
export function storedConfig(file: string, config: Readonly<Record<string, unknown>>): ModelConfig {
  try {
    return parseConfig(newerConfig(config));
  } catch (cause) {
    throw new ModelError(file, 'holds a configuration that is not valid', { cause });
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
