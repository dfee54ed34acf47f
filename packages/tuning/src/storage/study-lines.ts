import { crc32 } from 'node:zlib';
import { isObject } from '../json.ts';
import { StudyError } from '../study-error.ts';

/** One line of a study's file, without its checksum: what changed, and the new values. */
export type Change = Readonly<Record<string, unknown>>;

const FORMAT = 'gru4rec-study';

const FORMAT_VERSION = 2;

/** The first line of a study's file. */
export const formatLine: string = encodeLine({ change: 'format', name: FORMAT, version: FORMAT_VERSION });

/** @returns the change as JSON with the CRC-32 of its text, and a newline. */
export function encodeLine(change: Change): string {
  return `${JSON.stringify({ ...change, crc32: crc32(JSON.stringify(change)) })}\n`;
}

/**
 * Reads the content of a study's file. What follows the last newline is part of a line that a killed process was
 * writing, and is left out.
 *
 * @param path - of the file, for messages.
 * @returns the changes after the first line, and the bytes of all complete lines.
 * @throws StudyError if it is not a study of this version, or a line does not match its checksum.
 */
export function decodeLines(bytes: Buffer, path: string): { changes: readonly Change[]; size: number } {
  const size = bytes.lastIndexOf('\n') + 1;
  const [format, ...lines] = bytes.toString('utf8', 0, size).split('\n').slice(0, -1).map(decodeLine);
  if (format?.['name'] !== FORMAT) throw noStudy(path);
  if (format['version'] !== FORMAT_VERSION) {
    throw new StudyError(
      `openStudyFile: "file" expected a study of version ${FORMAT_VERSION}, got version ${format['version']}, at ${path}. Open it with the release that made it.`,
    );
  }
  const changes = lines.map((change, index) => {
    if (change) return change;
    throw new StudyError(
      `openStudyFile: "file" expected a line that matches its checksum, got another one, at ${path}:${index + 2}. Restore a copy, or remove this line and all after it to continue from there.`,
    );
  });
  return { changes, size };
}

/** @returns undefined if the text is not an object in JSON that matches its checksum. */
function decodeLine(text: string): Change | undefined {
  try {
    const line: unknown = JSON.parse(text);
    if (!isObject(line)) return undefined;
    const { crc32: checksum, ...change } = line;
    return crc32(JSON.stringify(change)) === checksum ? change : undefined;
  } catch {
    return undefined;
  }
}

function noStudy(path: string): StudyError {
  return new StudyError(
    `openStudyFile: "file" expected a study, got a file of another kind, at ${path}. Name a new file.`,
  );
}
