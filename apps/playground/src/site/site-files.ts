/** Name of the file beside the page that says what the site has besides the page. */
export const MANIFEST_FILE = 'playground.json';

/** What a site has; all addresses are relative to the page. */
export interface SiteManifest {
  /** Folder of a model as `export --format web` writes it. Without it, the page starts with training. */
  readonly model?: string | undefined;
  /** Packed sessions with the model's item indices, for baselines and for training. */
  readonly sessions?: string;
  /** `SiteFeatures` of a model with features, as JSON. */
  readonly features?: string | undefined;
  /** What the page calls the model. */
  readonly name?: string;
}

/** Which features the items of a model have, so that the page can say why it lists an item that nobody has clicked. */
export interface SiteFeatures {
  /** The name of each feature, such as `brand=Alder`. */
  readonly names: readonly string[];
  /** Features per item, by item index. */
  readonly items: readonly (readonly number[])[];
  /** Indices of the items without training clicks. */
  readonly cold: readonly number[];
}

/** Sessions of one split, in order. */
export interface PackableSessions {
  /** [sessions + 1], CSR. */
  readonly sessionOffsets: Int32Array;
  /** [events], item indices. */
  readonly items: Int32Array;
  /** [sessions], milliseconds since 1970 UTC. */
  readonly sessionStartTimes: Float64Array;
}

/** The sessions of a dataset, by split. */
export interface PackableSplits {
  readonly train: PackableSessions;
  readonly validation?: PackableSessions | undefined;
  readonly test?: PackableSessions | undefined;
}

/** The same, from a file. Times are whole seconds. */
export interface UnpackedSplits extends PackableSplits {
  /** Number of items; every index is below it. */
  readonly itemCount: number;
}

const SPLITS = ['train', 'validation', 'test'] as const;

interface PackedSessions {
  /** Per session: seconds since 1970 UTC. */
  readonly seconds: readonly number[];
  /** Per session: its clicks. */
  readonly lengths: readonly number[];
  readonly items: readonly number[];
}

/** The file of sessions beside the page. */
export type PackedSplits = { readonly itemCount: number } & {
  readonly [split in (typeof SPLITS)[number]]?: PackedSessions;
};

/** Packs sessions into JSON for the web. */
export function packSessions(splits: PackableSplits, itemCount: number): string {
  const packed = SPLITS.map((name) => [name, splits[name] && packSplit(splits[name])]);
  return JSON.stringify({ itemCount, ...Object.fromEntries(packed) });
}

function packSplit({ sessionOffsets, items, sessionStartTimes }: PackableSessions): PackedSessions {
  return {
    seconds: Array.from(sessionStartTimes, (time) => Math.floor(time / 1000)),
    lengths: Array.from(sessionOffsets.subarray(1), (end, session) => end - (sessionOffsets[session] ?? 0)),
    items: Array.from(items),
  };
}

export function unpackSessions({ itemCount, train, validation, test }: PackedSplits): UnpackedSplits {
  if (!train) throw new RangeError('sessions: expected a split "train", found none. Make the site again.');
  return {
    itemCount,
    train: unpackSplit(train),
    validation: validation && unpackSplit(validation),
    test: test && unpackSplit(test),
  };
}

function unpackSplit({ seconds, lengths, items }: PackedSessions): PackableSessions {
  let end = 0;
  return {
    sessionOffsets: Int32Array.from([0, ...lengths.map((length) => (end += length))]),
    items: Int32Array.from(items),
    sessionStartTimes: Float64Array.from(seconds, (second) => 1000 * second),
  };
}
