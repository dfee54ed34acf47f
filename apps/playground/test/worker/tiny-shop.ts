import { ModelCatalogue } from '../../src/page/items/catalogue.ts';
import { trainingSet } from '../../src/page/worker/train-here.ts';
import type { UnpackedSplits } from '../../src/site/site-files.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

/** Sessions that go round ten items in order, each from another start. */
function around(sessions: number, firstMs: number): UnpackedSplits['train'] {
  const lists = Array.from({ length: sessions }, (_, session) =>
    Array.from({ length: 4 }, (__, click) => (session + click) % IDS.length),
  );
  return {
    sessionOffsets: Int32Array.from({ length: sessions + 1 }, (_, session) => 4 * session),
    items: Int32Array.from(lists.flat()),
    sessionStartTimes: Float64Array.from(lists, (_, session) => firstMs + 60_000 * session),
  };
}

export const splits: UnpackedSplits = {
  itemCount: IDS.length,
  train: around(120, 1_700_000_000_000),
  test: around(20, 1_710_000_000_000),
};

export const data = trainingSet(splits, IDS);

/** Items a to e are letters of a group, the others of another; j has none and is sold out. */
export const catalogue = new ModelCatalogue({
  ids: IDS,
  titles: IDS.map((id) => `Item ${id}`),
  groups: Int32Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1, -1),
  groupNames: ['first', 'second'],
  unavailable: ['j'],
  popularity: data.support,
});
