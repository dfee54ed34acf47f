import { setTimeout } from 'node:timers/promises';
import type { ForgetStatus } from '@gru4rec/serving';

const POLL_MS = 200;

/** Lets a server forget sessions, and waits until it has. @returns what it removed. */
export async function askServer(url: string, ids: readonly string[], token?: string) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string, init?: RequestInit) => {
    const headers = { ...authorization, ...init?.headers };
    const response = await fetch(url.replace(/\/$/, '') + path, { ...init, headers }).catch((cause) => {
      throw new Error(`No server answers at ${url} (--server names others)`, { cause });
    });
    const answer = (await response.json().catch(() => ({}))) as ForgetStatus & { readonly detail?: string };
    if (response.ok) return { ...answer, place: response.headers.get('location') ?? path };
    throw new Error(`The server at ${url} answered ${response.status}: ${answer.detail}`);
  };
  const body = JSON.stringify({ sessions: ids });
  const headers = { 'content-type': 'application/json' };
  let job = await ask('/v1/forget', { method: 'POST', body, headers });
  while (job.state === 'running') {
    await setTimeout(POLL_MS);
    job = await ask(job.place);
  }
  if (job.state === 'failed') throw new Error(`The server at ${url} failed: ${job.error}. Run it again`);
  return job.removed;
}
