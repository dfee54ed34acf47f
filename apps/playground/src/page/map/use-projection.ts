import { useEffect, useState } from 'preact/hooks';
import type { Playing } from '../use-models.ts';
import type { Workers } from '../worker/open-workers.ts';
import type { MapPoint } from './map-view.ts';

/** The most items on the map, which takes 9 s in the background. */
const MOST_PROJECTED = 20_000;
/** Fewer items make no map. */
const FEWEST_PROJECTED = 10;

/** The map of a model's most popular items: undefined while it is computed, empty if there are too few items. */
export function useProjection(workers: Workers, playing: Playing): readonly MapPoint[] | undefined {
  const [drawn, setDrawn] = useState<{ readonly of: Playing; readonly points: readonly MapPoint[] }>();
  useEffect(() => {
    let wanted = true;
    project(workers, playing)
      .catch(() => [])
      .then((points) => wanted && setDrawn({ of: playing, points }));
    return () => {
      wanted = false;
    };
  }, [workers, playing]);
  return drawn?.of === playing ? drawn.points : undefined;
}

async function project(workers: Workers, { name, catalogue }: Playing): Promise<MapPoint[]> {
  const ids = catalogue.mostPopular(MOST_PROJECTED);
  if (ids.length < FEWEST_PROJECTED) return [];
  const rows = await (await workers.main).rowsOf(name, ids);
  const points = await workers.map.projectItems(rows);
  return ids.map((id, place) => ({ id, x: points[2 * place] ?? 0, y: points[2 * place + 1] ?? 0 }));
}
