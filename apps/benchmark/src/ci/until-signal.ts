const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work that a signal to this process interrupts: the work ends what it started and removes what it made, then the
 * process ends by that signal.
 *
 * @param work - its abort signal fires at the first of those signals.
 * @throws what the work throws, unless a signal interrupted it.
 */
export async function untilSignal(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interruption = new AbortController();
  for (const name of signals) process.once(name, () => interruption.abort(name));
  try {
    await work(interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.kill(process.pid, interruption.signal.reason);
  }
}
