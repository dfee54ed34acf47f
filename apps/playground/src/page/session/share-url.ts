import { firstPlay, MOST_CLICKS, type Play } from './session-state.ts';

const MOST_ITEMS = 1000;
const MOST_COUNT = 100;

/**
 * A play as the fragment of an address, without `#`: values that are the first play's are left out. Ids are joined by commas
 * after percent-encoding, so that they may contain anything.
 */
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

/** Reads a fragment, with or without `#`. What is missing or wrong takes the value of the first play: links get cut. */
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
