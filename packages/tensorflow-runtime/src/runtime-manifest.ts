import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readChecked } from './read-checked.ts';

/** Source of a runtime's native library: tfjs-node's own download (`official`), or the wheels of the Python package. */
export type RuntimeSource = 'official' | 'wheel';

/** Manifest of a runtime in the cache folder. */
export interface RuntimeManifest {
  readonly format: 'gru4rec-tensorflow-runtime';
  readonly formatVersion: 1;
  readonly source: RuntimeSource;
  readonly gpu: boolean;
  readonly packageName: string;
  /** Version of the npm package. */
  readonly version: string;
  /** Version of libtensorflow. */
  readonly tensorflowVersion: string;
  /** Such as `linux-x64`. */
  readonly platform: string;
  /** SHA-256 of each wheel that it was built from, by file name. */
  readonly wheels: Readonly<Record<string, string>>;
  /** ISO 8601, UTC. */
  readonly created: string;
}

/** What identifies a runtime among those for this platform. */
export interface RuntimeKind {
  readonly source: RuntimeSource;
  readonly gpu: boolean;
  /** Version of TensorFlow for a wheel, of tfjs-node for the official library. */
  readonly version: string;
}

const FILE = 'runtime.json';

const word = z.string().regex(/^[\w.+-]{1,99}$/, 'expected a word of letters, digits, . + and -');

/** The package name becomes a path in the folder, so only names that npm allows are accepted. */
const schema = z.object({
  format: z.literal('gru4rec-tensorflow-runtime'),
  formatVersion: z.literal(1),
  source: z.enum(['official', 'wheel']),
  gpu: z.boolean(),
  packageName: z
    .string()
    .regex(/^(@[a-z0-9][\w.-]{0,99}\/)?[a-z0-9][\w.-]{0,99}$/, 'expected the name of an npm package'),
  version: word,
  tensorflowVersion: word,
  platform: word,
  wheels: z.record(z.string(), z.string()),
  created: z.string(),
});

/** Prefix of the names of all runtime folders. */
export const FOLDER_PREFIX = 'tensorflow-';

/** Name of a runtime's folder. It has no version of Node, because the addon uses Node-API 8. */
export function folderName({ source, gpu, version }: RuntimeKind): string {
  const device = gpu ? 'gpu' : 'cpu';
  return `${FOLDER_PREFIX}${source}-${device}-${version}-${process.platform}-${process.arch}`;
}

/**
 * Reads a manifest.
 *
 * @param folder - the runtime's own folder.
 * @throws Error if the manifest is missing, invalid or of another version.
 */
export function readManifest(folder: string): RuntimeManifest {
  return readChecked(join(folder, FILE), schema);
}

/** Writes a manifest into the runtime's folder. */
export async function writeManifest(folder: string, manifest: RuntimeManifest): Promise<void> {
  await writeFile(join(folder, FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}
