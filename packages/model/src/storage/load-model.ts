import type { Engine } from '@gru4rec/program';
import { Gru4Rec } from '../gru4rec.ts';
import { readModel } from './model-folder.ts';

/**
 * Reads a model folder and checks all of it.
 *
 * @throws ModelError naming the file: missing, foreign, another version, truncated or altered (checksum), or
 *   with tensors that do not fit the configuration.
 */
export async function loadModel(directory: string, options: { engine: Engine }): Promise<Gru4Rec> {
  return new Gru4Rec({ ...(await readModel(directory)), engine: options.engine });
}
