import { type Dispatch, useEffect, useReducer } from 'preact/hooks';
import { type Action, act, type History, startHistory } from './session-state.ts';
import { fromFragment, toFragment } from './share-url.ts';

/** The history of the play, which the address of the page follows. */
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
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      if (key !== 'z' && key !== 'y') return;
      event.preventDefault();
      dispatch(key === 'y' || event.shiftKey ? { type: 'redo' } : { type: 'undo' });
    };
    addEventListener('hashchange', onHash);
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('hashchange', onHash);
      removeEventListener('keydown', onKey);
    };
  }, []);
  return [history, dispatch];
}

/** Whether a key goes to a field with its own undo. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement &&
    target.value !== '' &&
    ['text', 'search', 'number'].includes(target.type)
  );
}
