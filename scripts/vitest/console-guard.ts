import { format } from 'node:util';

const methods = ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const;

/**
 * Records every call to a console instead of printing it.
 *
 * @returns what forgets the calls so far, and throws an error that quotes them if there were any
 */
export function guardConsole(guarded: Console): () => void {
  const calls: string[] = [];
  for (const method of methods) {
    guarded[method] = (...values: unknown[]) => {
      calls.push(`console.${method}: ${format(...values)}`);
    };
  }
  return () => {
    const said = calls.splice(0).join('; ');
    if (said !== '')
      throw new Error(`expected no console output, got ${said}. Spy on the console in the test.`);
  };
}
