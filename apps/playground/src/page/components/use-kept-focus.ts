import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** A button in an item of a list. */
interface Place {
  readonly list: Element;
  /** Of the item in the list, and of the button in the item. */
  readonly item: number;
  readonly button: number;
}

/** Where focus goes if the list is gone: the lists that replace each other. */
const SUCCESSORS = '.own li, .suggestions li';

/**
 * Keeps the place of the keyboard in lists whose items change: focus that was in an item that is gone or has moved goes to the
 * item that took its place.
 *
 * @returns the ref of the element that has the lists, all of which the calling component renders.
 */
export function useKeptFocus(): RefObject<HTMLDivElement | null> {
  const root = useRef<HTMLDivElement | null>(null);
  const place = useRef<Place | undefined>(undefined);
  useEffect(() => {
    const remember = ({ target }: Event): void => {
      place.current =
        target instanceof Element && root.current?.contains(target) ? placeOf(target) : undefined;
    };
    // A click beside the lists takes the focus away for good, and focuses nothing.
    addEventListener('focusin', remember);
    addEventListener('pointerdown', remember);
    return () => {
      removeEventListener('focusin', remember);
      removeEventListener('pointerdown', remember);
    };
  }, []);
  useLayoutEffect(() => {
    if (!place.current || document.activeElement !== document.body) return;
    const { list, item, button } = place.current;
    const now = list.isConnected ? list.children[Math.min(item, list.children.length - 1)] : undefined;
    const successor = now ?? root.current?.querySelector(SUCCESSORS);
    successor?.querySelectorAll('button')[now ? button : 0]?.focus();
  });
  return root;
}

function placeOf(target: Element): Place | undefined {
  const [item, button] = [target.closest('li'), target.closest('button')];
  const list = item?.parentElement;
  if (!list || !button) return undefined;
  return {
    list,
    item: Array.from(list.children).indexOf(item),
    button: Array.from(item.querySelectorAll('button')).indexOf(button),
  };
}
