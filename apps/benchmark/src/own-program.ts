import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The flags with which Node runs TypeScript of this repository. The tsx of this tree loads other trees too. */
export function sourceFlags(): string[] {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', tsx, '--conditions=@gru4rec/source'];
}

/** A program to start: a file, and the words of its command line. */
export interface Program {
  readonly file: string;
  readonly words: readonly string[];
}

/** A module of this app as a program in its own process. */
export function ownProgram(module: URL): Program {
  return { file: process.execPath, words: [...sourceFlags(), fileURLToPath(module)] };
}
