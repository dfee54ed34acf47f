/** What a visitor did and which items the lists may contain. Everything that a shared address says. */
export interface Play {
  /** Item ids, oldest first. */
  readonly clicks: readonly string[];
  /** Length of the lists. */
  readonly count: number;
  /** Leaves out the items that were clicked. */
  readonly hideSeen: boolean;
  /** Ids of items that no list contains. */
  readonly hidden: readonly string[];
  /** Only items of these groups; all items if empty. */
  readonly groups: readonly string[];
  /** The most items per group in a list; 0 = any number. */
  readonly perGroup: number;
}

/** What the lists look like. */
export type Settings = Partial<Pick<Play, 'count' | 'hideSeen' | 'perGroup' | 'groups'>>;

/** The present, and what undo and redo go to. */
export interface History {
  readonly past: readonly Play[];
  readonly present: Play;
  readonly future: readonly Play[];
}

/** What a user can do to a play. */
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

/** Lengths of lists that the page offers. */
export const COUNTS: readonly number[] = [5, 10, 20, 50];

const MOST_UNDONE = 200;

/** Nothing clicked, and lists of 10 items that the visitor has not seen. */
export const firstPlay: Play = { clicks: [], count: 10, hideSeen: true, hidden: [], groups: [], perGroup: 0 };

/** @returns a history without past. */
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
  return { past: [...past, present].slice(-MOST_UNDONE), present: next, future: [] };
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
