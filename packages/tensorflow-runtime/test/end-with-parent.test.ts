import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endWithParent } from '../src/end-with-parent.ts';

/** A waiting process, and the listener that ends it when this process exits. */
function start() {
  const before = process.listeners('exit');
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  endWithParent(child);
  const added = () => process.listeners('exit').filter((listener) => !before.includes(listener));
  return { child, closed: once(child, 'close'), added };
}

describe('endWithParent', () => {
  it('ends the process when this one exits', async () => {
    const { closed, added } = start();
    for (const listener of added()) listener.call(process, 0);
    expect((await closed)[1]).toBe('SIGTERM');
  });

  it('removes its listener when the process has ended by itself', async () => {
    const { child, closed, added } = start();
    expect(added()).toHaveLength(1);
    child.kill('SIGKILL');
    await closed;
    expect(added()).toEqual([]);
  });
});
