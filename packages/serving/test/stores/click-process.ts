import { FileStore, type FileStoreOptions } from '../../src/index.ts';

/** What the process does until it is killed. */
export interface ClickTask {
  readonly directory: string;
  readonly sync: NonNullable<FileStoreOptions['sync']>;
  /** Begins the ids of its clicks. */
  readonly name: string;
  /** Clicks of each session that are acknowledged already. The last of them is sent once more. */
  readonly acknowledged: Readonly<Record<string, number>>;
}

/** Waits while the pipe is full, because its reader may be busy for a while. */
function writeLine(line: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve()));
}

// Clicks in all sessions at the same time. Each acknowledged click is a line: session, click, whether it was repeated.
const { directory, sync, name, acknowledged } = JSON.parse(process.argv[2] ?? '') as ClickTask;
const store = await FileStore.open(directory, { sync, maxClicks: 100_000 });
await writeLine('open');
for (const [sessionId, clicks] of Object.entries(acknowledged)) {
  void (async () => {
    for (let number = Math.max(0, clicks - 1); ; number++) {
      const item = `${name}${number}`;
      const { repeated } = await store.append(sessionId, { item, timeMs: number, eventId: item });
      await writeLine(`${sessionId} ${item} ${repeated}`);
    }
  })();
}
