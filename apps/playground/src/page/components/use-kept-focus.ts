import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** Where a button is in a list. */
interface ButtonPlace {
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
  const focused = useRef<ButtonPlace | undefined>(undefined);
  useEffect(() => {
    const remember = ({ target }: Event): void => {
      focused.current =
        target instanceof Element && root.current?.contains(target) ? buttonPlaceOf(target) : undefined;
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
    if (!focused.current || document.activeElement !== document.body) return;
    const { list, item, button } = focused.current;
    const now = list.isConnected ? list.children[Math.min(item, list.children.length - 1)] : undefined;
    const successor = now ?? root.current?.querySelector(SUCCESSORS);
    successor?.querySelectorAll('button')[now ? button : 0]?.focus();
  });
  return root;
}

function buttonPlaceOf(target: Element): ButtonPlace | undefined {
  const [item, button] = [target.closest('li'), target.closest('button')];
  const list = item?.parentElement;
  if (!list || !button) return undefined;
  return {
    list,
    item: Array.from(list.children).indexOf(item),
    button: Array.from(item.querySelectorAll('button')).indexOf(button),
  };
}
