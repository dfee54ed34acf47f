import { type Dispatch, useEffect, useReducer } from 'preact/hooks';

/** What a visitor did and which items the lists may contain. Everything that a shared address says. */
export interface Play {
  readonly clicks: readonly string[];
  readonly count: number;
  readonly hideSeen: boolean;
  /** Ids of items that no list contains. */
  readonly hidden: readonly string[];
  /** Only items of these groups; all items if empty. */
  readonly groups: readonly string[];
  /** The most items per group in a list; 0 = any number. */
  readonly perGroup: number;
}

export type Settings = Partial<Pick<Play, 'count' | 'hideSeen' | 'perGroup' | 'groups'>>;

export interface History {
  readonly past: readonly Play[];
  readonly present: Play;
  readonly future: readonly Play[];
}

export type Action =
  | Change
  | { readonly type: 'replace'; readonly play: Play }
  | { readonly type: 'undo' }
  | { readonly type: 'redo' };

type Change =
  | { readonly type: 'click'; readonly item: string }
  | { readonly type: 'remove'; readonly position: number }
  | { readonly type: 'clear' }
  | { readonly type: 'hide' | 'show'; readonly item: string }
  | { readonly type: 'group'; readonly group: string; readonly on: boolean }
  | { readonly type: 'set'; readonly values: Settings };

/** The most clicks that a session has; the oldest go first. */
export const MOST_CLICKS = 50;

export const COUNTS: readonly number[] = [5, 10, 20, 50];

/** Nothing clicked, and lists of 10 items that the visitor has not seen. */
export const firstPlay: Play = { clicks: [], count: 10, hideSeen: true, hidden: [], groups: [], perGroup: 0 };

export function startHistory(play: Play = firstPlay): History {
  return { past: [], present: play, future: [] };
}

/** Every change but undo and redo can be undone; one that changes nothing is none. `replace` starts anew. */
export function act(history: History, action: Action): History {
  const { past, present, future } = history;
  if (action.type === 'replace') return startHistory(action.play);
  if (action.type === 'undo') {
    const last = past.at(-1);
    return last ? { past: past.slice(0, -1), present: last, future: [present, ...future] } : history;
  }
  if (action.type === 'redo') {
    const [next, ...later] = future;
    return next ? { past: [...past, present], present: next, future: later } : history;
  }
  const next = change(present, action);
  if (next === present) return history;
  return { past: [...past, present], present: next, future: [] };
}

function change(play: Play, action: Change): Play {
  switch (action.type) {
    case 'click':
      return { ...play, clicks: [...play.clicks, action.item].slice(-MOST_CLICKS) };
    case 'remove':
      return { ...play, clicks: play.clicks.filter((_, position) => position !== action.position) };
    case 'clear':
      return play.clicks.length === 0 ? play : { ...play, clicks: [] };
    case 'hide':
      return play.hidden.includes(action.item) ? play : { ...play, hidden: [...play.hidden, action.item] };
    case 'show':
      return { ...play, hidden: play.hidden.filter((item) => item !== action.item) };
    case 'group': {
      const others = play.groups.filter((group) => group !== action.group);
      return { ...play, groups: action.on ? [...others, action.group] : others };
    }
    case 'set':
      return { ...play, ...action.values };
  }
}

const MOST_ITEMS = 1000;
const MOST_COUNT = 100;

/** Without `#` and the first play's values. Ids are joined by commas after percent-encoding: they may contain anything. */
export function toFragment(play: Play): string {
  const entries: [string, string][] = [
    ['clicks', joinIds(play.clicks)],
    ['top', play.count === firstPlay.count ? '' : String(play.count)],
    ['seen', play.hideSeen ? '' : 'show'],
    ['hide', joinIds(play.hidden)],
    ['groups', joinIds(play.groups)],
    ['per-group', play.perGroup === 0 ? '' : String(play.perGroup)],
  ];
  return entries
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** With or without `#`. What is missing or wrong takes the value of the first play: links get cut. */
export function fromFragment(fragment: string): Play {
  const values = new Map(
    fragment
      .replace(/^#/, '')
      .split('&')
      .map((part) => {
        const [name = '', ...rest] = part.split('=');
        return [name, rest.join('=')];
      }),
  );
  return {
    clicks: splitIds(values.get('clicks')).slice(-MOST_CLICKS),
    count: wholeNumber(values.get('top'), MOST_COUNT) ?? firstPlay.count,
    hideSeen: values.get('seen') !== 'show',
    hidden: splitIds(values.get('hide')),
    groups: splitIds(values.get('groups')),
    perGroup: wholeNumber(values.get('per-group'), MOST_COUNT) ?? firstPlay.perGroup,
  };
}

function joinIds(ids: readonly string[]): string {
  return ids.map(encodeURIComponent).join(',');
}

function splitIds(text = ''): string[] {
  const parts = text.split(',').filter((part) => part !== '');
  return parts.slice(0, MOST_ITEMS).flatMap((part) => {
    try {
      return [decodeURIComponent(part)];
    } catch {
      return [];
    }
  });
}

function wholeNumber(text: string | undefined, most: number): number | undefined {
  const value = Number(text || Number.NaN);
  return Number.isInteger(value) && value >= 1 && value <= most ? value : undefined;
}

export function useHistory(): [History, Dispatch<Action>] {
  const [history, dispatch] = useReducer(act, location.hash, (hash) => startHistory(fromFragment(hash)));
  useEffect(() => {
    const fragment = toFragment(history.present);
    if (fragment === location.hash.replace(/^#/, '')) return;
    window.history.replaceState(
      null,
      '',
      fragment === '' ? location.pathname + location.search : `#${fragment}`,
    );
  }, [history.present]);
  useEffect(() => {
    const onHash = (): void => dispatch({ type: 'replace', play: fromFragment(location.hash) });
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);
  return [history, dispatch];
}
