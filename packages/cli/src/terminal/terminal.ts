import { printableLines } from './printable.ts';

/** A stream, and whether it is a terminal. */
export interface RawOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export class Output {
  /** The stream itself, for our control characters and for JSON, which are not escaped. */
  readonly raw: RawOutput;

  constructor(raw: RawOutput) {
    this.raw = raw;
  }

  get isTTY(): boolean {
    return this.raw.isTTY === true;
  }

  get columns(): number | undefined {
    return this.raw.columns;
  }

  /** Writes text of any origin. Keeps line ends and tabs. */
  write(text: string): void {
    this.raw.write(printableLines(text));
  }

  /** Writes a value as one line of JSON, exactly. */
  writeJson(value: unknown): void {
    this.raw.write(`${JSON.stringify(value)}\n`);
  }
}

/** The streams of a process, and the folder to resolve relative paths from. */
export interface Streams {
  readonly stdout: RawOutput;
  readonly stderr: RawOutput;
  readonly directory: string;
  readonly debug?: boolean;
}

export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  /** The user's folder, from which relative paths are resolved. */
  readonly directory: string;
}

export function terminalOn({ stdout, stderr, directory }: Streams): Terminal {
  return { stdout: new Output(stdout), stderr: new Output(stderr), directory };
}
