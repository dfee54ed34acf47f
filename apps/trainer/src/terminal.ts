/** A stream that text goes to, and whether a person watches it. */
export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
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
