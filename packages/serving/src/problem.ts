import { STATUS_CODES } from 'node:http';
import { limits } from './limits.ts';

/** Media type of RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json';

/** The body of an error (RFC 9457). */
export interface ProblemBody {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** An error with a status, whose message the client may read. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly statusCode: number;

  constructor(statusCode: number, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.statusCode = statusCode;
  }
}

/** The body for a status and a detail. */
export function problemBody(status: number, detail: string): ProblemBody {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}

/** Details in this project's words for errors of Fastify, by their code. */
const details: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: `The body expected at most ${limits.body} bytes, got more`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The header content-type expected application/json, got another one',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body expected JSON, got something else',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body expected JSON, got none',
  FST_ERR_MAX_PARAM_LENGTH: `An id in the path expected at most ${limits.id} characters, got more`,
  FST_ERR_BAD_URL: 'The path expected percent-encoded UTF-8, got something else',
};

/** The body for any error: the message of an expected error, nothing of any other error. */
export function describeProblem(error: Error & { statusCode?: number; code?: string }): ProblemBody {
  const { statusCode: status = 500, code = '' } = error;
  const isExpected = status < 500 || error instanceof Problem;
  const detail = isExpected ? error.message : 'The server failed; its log says why';
  return problemBody(status, details[code] ?? detail);
}

/** The messages of an error and its causes in one line. */
export function describeCauses(error: unknown): string {
  const messages: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) messages.push(at.message);
  return messages.join(': ');
}
