import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readChecked } from './read-checked.ts';

/** Where the native library of a runtime comes from: tfjs-node's own download, or the wheels of the Python package. */
export type RuntimeSource = 'official' | 'wheel';

/** What a runtime in the cache folder says of itself. */
export interface RuntimeManifest {
  readonly format: 'gru4rec-tensorflow-runtime';
  readonly formatVersion: 1;
  readonly source: RuntimeSource;
  readonly gpu: boolean;
  readonly packageName: string;
  /** Of the npm package. */
  readonly version: string;
  /** Of libtensorflow. */
  readonly tensorflowVersion: string;
  readonly platform: string;
  /** Wheels that it was made of: file name → SHA-256. */
  readonly wheels: Readonly<Record<string, string>>;
  /** ISO 8601, UTC. */
  readonly created: string;
}

/** What sets one runtime apart from another. */
export interface RuntimeKind {
  readonly source: RuntimeSource;
  readonly gpu: boolean;
  /** Of TensorFlow for a wheel, of tfjs-node for the official library. */
  readonly version: string;
}

const FILE = 'runtime.json';

const word = z.string().regex(/^[\w.+-]{1,99}$/, 'expected a word of letters, digits, . + and -');

/** The name is a path within the folder: one that npm allows leads nowhere else. */
const schema = z.object({
  format: z.literal('gru4rec-tensorflow-runtime'),
  formatVersion: z.literal(1),
  source: z.enum(['official', 'wheel']),
  gpu: z.boolean(),
  packageName: z
    .string()
    .regex(/^(@[a-z0-9][\w.-]{0,99}\/)?[a-z0-9][\w.-]{0,99}$/, 'expected a name of an npm package'),
  version: word,
  tensorflowVersion: word,
  platform: word,
  wheels: z.record(z.string(), z.string()),
  created: z.string(),
});

/** How the folders of all runtimes begin. */
export const FOLDER_PREFIX = 'tensorflow-';

/** Name of a runtime's folder. The addon speaks Node-API 8, so that one folder serves every version of Node. */
export function folderName({ source, gpu, version }: RuntimeKind): string {
  const device = gpu ? 'gpu' : 'cpu';
  return `${FOLDER_PREFIX}${source}-${device}-${version}-${process.platform}-${process.arch}`;
}

/**
 * @param folder - of the runtime.
 * @throws Error if there is none, or none that this version reads.
 */
export function readManifest(folder: string): RuntimeManifest {
  return readChecked(join(folder, FILE), schema);
}

/** Writes it into the runtime's folder. */
export async function writeManifest(folder: string, manifest: RuntimeManifest): Promise<void> {
  await writeFile(join(folder, FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}
