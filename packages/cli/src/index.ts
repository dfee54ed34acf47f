export { runCli } from './cli.ts';
export type { RawOutput, Streams } from './terminal/terminal.ts';
