/**
 * The predictions at a position of a session (Ludewig, Jannach 2018, arXiv:1803.09587, section 4):
 * `next` = at every position the next click; `last` = only the last click of each session, from all before it;
 * `remaining` = at every position all remaining items, each once.
 */
export type Protocol = 'next' | 'last' | 'remaining';

/** Every protocol, the default first. */
export const PROTOCOLS: readonly Protocol[] = ['next', 'last', 'remaining'];
