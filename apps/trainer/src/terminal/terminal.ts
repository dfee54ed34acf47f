import { printableLines } from './printable.ts';

/** A stream, and whether a person watches it. */
export interface RawOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Where text goes: what could steer a terminal is made visible in it. */
export class Output {
  /** The stream itself: for our own control characters, and for JSON, which is left as it is. */
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

  /** Writes text of any origin; ends of lines and tabs stay. */
  write(text: string): void {
    this.raw.write(printableLines(text));
  }

  /** Writes a value as one line of JSON, exactly. */
  writeJson(value: unknown): void {
    this.raw.write(`${JSON.stringify(value)}\n`);
  }
}

/** The streams of a process, and the folder that relative paths start from. */
export interface Streams {
  readonly stdout: RawOutput;
  readonly stderr: RawOutput;
  readonly directory: string;
  /** Whether errors are followed by the stack of the code that made them. */
  readonly debug?: boolean;
}

/** What a command line talks to. */
export interface Terminal {
  /** Results, and nothing else. */
  readonly stdout: Output;
  /** Progress and complaints. */
  readonly stderr: Output;
  /** The folder that relative paths start from: where the user stands. */
  readonly directory: string;
}

/** A terminal over streams. */
export function terminalOn({ stdout, stderr, directory }: Streams): Terminal {
  return { stdout: new Output(stdout), stderr: new Output(stderr), directory };
}
