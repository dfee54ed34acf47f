import { writeSync } from 'node:fs';
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

// Clicks in all sessions at the same time. Each acknowledged click is a line: session, click, whether it was repeated.
const { directory, sync, name, acknowledged } = JSON.parse(process.argv[2] ?? '') as ClickTask;
const store = await FileStore.open(directory, { sync, maxClicks: 100_000 });
writeSync(1, 'open\n');
for (const [sessionId, clicks] of Object.entries(acknowledged)) {
  void (async () => {
    for (let number = Math.max(0, clicks - 1); ; number++) {
      const item = `${name}${number}`;
      const { repeated } = await store.append(sessionId, { item, timeMs: number, eventId: item });
      writeSync(1, `${sessionId} ${item} ${repeated}\n`);
    }
  })();
}
