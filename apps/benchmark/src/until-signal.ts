const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The work ends its children and removes its files at the first signal, and then the process ends by that signal. Later ones do
 * not interrupt this, because a terminal and pnpm both send one at Ctrl+C. @throws what `work` throws, unless it was interrupted.
 */
export async function untilSignal(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interruption = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => interruption.abort(name);
  for (const name of signals) process.on(name, interrupt);
  try {
    await work(interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
  if (interruption.signal.aborted) process.kill(process.pid, interruption.signal.reason);
}
