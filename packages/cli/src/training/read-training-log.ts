import { checkJson } from '@gru4rec/checked-json';
import { readBoundedText } from '../arguments/read-bounded.ts';
import { type TrainingLogLine, trainingLogLine } from './training-log-lines.ts';

/** Maximum bytes of a log; a day at one report per second has 25 MB. */
const MOST_BYTES = 1 << 28;

/**
 * Reads a training log. Ignores the beginning of a line at its end, which a run that was killed may leave.
 *
 * @throws Error naming the file and the first line that is not one of a training log.
 */
export async function readTrainingLog(file: string): Promise<TrainingLogLine[]> {
  const text = await readBoundedText(file, MOST_BYTES).catch((cause) => {
    throw new Error(`The training log ${file} cannot be read`, { cause });
  });
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, at) => parseLine(line, `${file}, line ${at + 1}`));
}

function parseLine(text: string, place: string): TrainingLogLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${place}: expected a line of a training log, got no JSON`, { cause });
  }
  return checkJson(trainingLogLine, value, ({ path, expected, got }) => {
    const key = path === '' ? 'a line of a training log' : `"${path}"`;
    return new Error(`${place}: ${key} expected ${expected}, got ${got}`);
  });
}
