import { constants, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Maximum bytes of a configuration, search space or parameter file; they have a few kilobytes in practice. */
export const MAX_SETTINGS_BYTES: number = 1 << 20;
/** The folder of configurations and search spaces that comes with this package. */
export const shippedConfigs: URL = new URL('../../configs/', import.meta.url);

/** Paths of open file descriptors, such as those of a shell: a pipe there has a writer, so reading ends. */
const handedOver = /^\/(dev\/(stdin|fd\/\d+)|proc\/(self|\d+)\/fd\/\d+)$/;

/**
 * Opens a file of the command line. Refuses folders, devices and named pipes, from which reading may never end. Accepts
 * standard input (`/dev/stdin`) and process substitution (`<(…)`, which is `/dev/fd/N`).
 *
 * @returns the file; the caller closes it.
 * @throws Error naming the kind of the path, or the error of the system.
 */
export async function openInput(file: string): Promise<FileHandle> {
  const isHandedOver = handedOver.test(file);
  // Opening a named pipe would wait for its writer.
  const nonBlocking = isHandedOver ? 0 : (constants.O_NONBLOCK ?? 0);
  const handle = await open(file, constants.O_RDONLY | nonBlocking);
  try {
    const found = await handle.stat();
    if (found.isDirectory()) throw new Error('it is a folder, not a file');
    if (!found.isFile() && !isHandedOver) throw new Error('it is a pipe or device, not a file');
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads a whole file of the command line, with the checks of `openInput`.
 *
 * @param most - maximum bytes. Nothing of a larger file is read if its size is known, else only this many.
 * @throws Error as `openInput`, and if the file is larger.
 */
export async function readBounded(file: string, most: number): Promise<Buffer> {
  const handle = await openInput(file);
  try {
    const { size } = await handle.stat();
    if (size > most) throw tooLarge(most);
    if (size > 0) return await handle.readFile();
    // Pipes and files of /proc have size 0, whatever their content.
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of handle.createReadStream({ autoClose: false })) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > most) throw tooLarge(most);
    }
    return Buffer.concat(chunks);
  } finally {
    await handle.close();
  }
}

/** Like `readBounded`, decoded as UTF-8. */
export async function readBoundedText(file: string, most: number): Promise<string> {
  return (await readBounded(file, most)).toString('utf8');
}

/** Reads a configuration or search space. A missing `…/configs/NAME` is the one that comes with this package, if it has it. */
export async function readSettingsText(file: string): Promise<string> {
  const [, name] = /[\\/]configs[\\/]([\w/\\-]+\.json)$/.exec(file) ?? [];
  const shipped =
    name === undefined ? '' : fileURLToPath(new URL(name.replaceAll('\\', '/'), shippedConfigs));
  const isShipped = shipped !== '' && !existsSync(file) && existsSync(shipped);
  return await readBoundedText(isShipped ? shipped : file, MAX_SETTINGS_BYTES);
}

function tooLarge(most: number): Error {
  return new Error(`it has more than ${most / 2 ** 20} MiB`);
}
