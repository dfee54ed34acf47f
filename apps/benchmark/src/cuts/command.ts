import { DataError } from '@gru4rec/sessions';
import yargs from 'yargs';
import { percent, whole } from '../figures.ts';
import { parseWords, UsageError } from '../parse-words.ts';
import { compareCuts } from './compare-cuts.ts';

/** The parts of the process that the command uses. */
export interface CutsSurroundings {
  readonly resolvePath: (path: string) => string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

/**
 * `cuts --input FILE… --user-column NAME --session-column NAME …`.
 * @returns exit status: 0; 1 for bad input; 2 if the command line is wrong.
 */
export async function runCutsCommand(
  words: readonly string[],
  { resolvePath, print, complain }: CutsSurroundings,
): Promise<number> {
  try {
    const found = parseWords(cutsParser(), words);
    if (typeof found === 'string') {
      print(found);
      return 0;
    }
    const counts = await compareCuts({
      inputs: found.input.map(resolvePath),
      userColumn: found['user-column'],
      sessionColumn: found['session-column'],
      timeColumn: found['time-column'],
      sessionGapMs: found['gap-minutes'] * 60_000,
    });
    const { pairs, keptAlike, cutAlike, cutByPause, cutByLog } = counts;
    const share = (count: number) => `${whole(count)} (${percent(count / pairs)})`;
    print(`${whole(pairs)} pairs of successive events of a user`);
    print(
      `alike: ${share(keptAlike + cutAlike)}; kept by both ${whole(keptAlike)}, cut by both ${whole(cutAlike)}`,
    );
    print(`cut only by the pause: ${share(cutByPause)}; only by the log: ${share(cutByLog)}`);
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof RangeError;
    if (!isUsage && !(error instanceof DataError)) throw error;
    complain(error.message);
    return isUsage ? 2 : 1;
  }
}

function cutsParser() {
  const text = { type: 'string', requiresArg: true } as const;
  return yargs()
    .scriptName('cuts')
    .usage(
      '$0',
      'Compares the sessions that prepare cuts at pauses with the session ids of the log, for each pair of successive events of a user.',
    )
    .option('input', { ...text, array: true, demandOption: true, describe: 'Files of events' })
    .option('user-column', { ...text, default: 'user_id', describe: 'Column of user ids' })
    .option('session-column', { ...text, default: 'session_id', describe: 'Column of session ids' })
    .option('time-column', { ...text, default: 'Time', describe: 'Column of times' })
    .option('gap-minutes', {
      type: 'number',
      requiresArg: true,
      default: 30,
      describe: 'A longer pause starts a new session',
    });
}
