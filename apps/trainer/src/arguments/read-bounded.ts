import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Of a configuration, a search space or a parameter file: some kilobytes in practice. */
export const MAX_SETTINGS_BYTES: number = 1 << 20;

/** What a shell or the user hands over: a pipe there has a writer, so that reading ends. */
const handedOver = /^\/(dev\/(stdin|fd\/\d+)|proc\/(self|\d+)\/fd\/\d+)$/;

/**
 * Opens a file that a command line names, and nothing that a reader could wait for without end: no folder, device or
 * named pipe. Standard input (`/dev/stdin`) and what a shell puts into its place (`<(…)`, which is `/dev/fd/N`) are
 * taken.
 *
 * @returns at its start; the caller closes it.
 * @throws Error that says what it is instead, or what the system says.
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
 * Reads a whole file that a command line names, as `openInput` opens it.
 *
 * @param most - bytes; of a larger file no more than that is read, and nothing where its size is known.
 * @throws Error as `openInput`, and if the file is larger.
 */
export async function readBounded(file: string, most: number): Promise<Buffer> {
  const handle = await openInput(file);
  try {
    const { size } = await handle.stat();
    if (size > most) throw tooLarge(most);
    if (size > 0) return await handle.readFile();
    // Pipes and files of /proc say 0, whatever is in them.
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

/** As `readBounded`, in UTF-8. */
export async function readBoundedText(file: string, most: number): Promise<string> {
  return (await readBounded(file, most)).toString('utf8');
}

function tooLarge(most: number): Error {
  return new Error(`it has more than ${most / 2 ** 20} MiB`);
}
