import { STATUS_CODES } from 'node:http';

export const PROBLEM_TYPE = 'application/problem+json';

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly statusCode: number;

  constructor(statusCode: number, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.statusCode = statusCode;
  }
}

export function problemBody(status: number, detail: string) {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}

export function describeProblem(error: Error & { statusCode?: number }): ReturnType<typeof problemBody> {
  const { statusCode: status = 500 } = error;
  const isExpected = status < 500 || error instanceof Problem;
  return problemBody(status, isExpected ? error.message : 'The server failed; its log says why');
}

export function describeCauses(error: unknown): string {
  const messages: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) messages.push(at.message);
  return messages.join(': ');
}
