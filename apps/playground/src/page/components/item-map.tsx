import type { JSX, TargetedEvent } from 'preact';
import { memo } from 'preact/compat';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Dots, dotsByGroup, type MapPoint, pointAt } from '../items/map-view.ts';
import type { Play } from '../session.ts';
import type { Playing, Workers } from '../use-models.ts';
import type { Listed } from '../worker/player.ts';
import { groupDigits } from './figures.ts';

/** The map's points are in the unit square, with a margin around it. */
const FRAME = { start: -0.03, size: 1.06 };
/** Radii and strokes. */
const SIZES = {
  dot: 0.003,
  listed: 0.011,
  clicked: 0.014,
  hovered: 0.016,
  stroke: 0.005,
  outline: 0.003,
  reach: 0.03,
};

/** Groups that have their own colours. */
const COLOURED_GROUPS = 7;

interface MapProps {
  readonly workers: Workers;
  readonly playing: Playing;
  readonly play: Play;
  readonly list: readonly Listed[];
  readonly onClick: (id: string) => void;
}

export function ItemMap({ workers, playing, play, list, onClick }: MapProps): JSX.Element {
  const points = useProjection(workers, playing);
  return (
    <section class="card" aria-labelledby="map-title">
      <h2 id="map-title">Where it is in the embedding</h2>
      {points === undefined && <p class="quiet">Drawing the map …</p>}
      {points && points.length > 0 && (
        <Drawing points={points} playing={playing} play={play} list={list} onClick={onClick} />
      )}
      {points?.length === 0 && <p class="quiet">There are too few items for a map.</p>}
    </section>
  );
}

function Drawing({
  points,
  playing,
  play,
  list,
  onClick,
}: Pick<MapProps, 'playing' | 'play' | 'list' | 'onClick'> & {
  readonly points: readonly MapPoint[];
}): JSX.Element {
  const [hovered, setHovered] = useState<MapPoint>();
  const byId = useMemo(() => new Map(points.map((point) => [point.id, point])), [points]);
  const clicked = play.clicks.flatMap((id) => byId.get(id) ?? []);
  const listed = list.flatMap(({ id }) => byId.get(id) ?? []);
  const find = (event: TargetedEvent<SVGSVGElement, MouseEvent>): MapPoint | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = FRAME.start + (FRAME.size * (event.clientX - box.left)) / box.width;
    const y = FRAME.start + (FRAME.size * (event.clientY - box.top)) / box.height;
    return pointAt(points, { x, y }, SIZES.reach);
  };
  const { catalogue } = playing;
  const dots = useMemo(
    () => dotsByGroup(points, (id) => catalogue.groupOf(id), COLOURED_GROUPS),
    [points, catalogue],
  );
  const named = hovered ?? clicked.at(-1);
  return (
    <>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: every item that can be clicked here is a button of the lists or of the search. */}
      <svg
        class="map"
        viewBox={`${FRAME.start} ${FRAME.start} ${FRAME.size} ${FRAME.size}`}
        role="img"
        aria-label={`Map of ${points.length} items: ${clicked.length} clicks of the session as a path, and ${listed.length} listed items`}
        onPointerMove={(event) => setHovered(find(event))}
        onPointerLeave={() => setHovered(undefined)}
        onClick={(event) => {
          const point = find(event);
          if (point) onClick(point.id);
        }}
      >
        <Background dots={dots} />
        <Marks clicked={clicked} listed={listed} hovered={hovered} />
      </svg>
      <p class="map-name">
        {named && catalogue.titleOf(named.id)}
        {named && catalogue.groupOf(named.id) && <small> {catalogue.groupOf(named.id)}</small>}
      </p>
      <Legend dots={dots} hidden={catalogue.length - points.length} />
    </>
  );
}

function Marks({
  clicked,
  listed,
  hovered,
}: {
  readonly clicked: readonly MapPoint[];
  readonly listed: readonly MapPoint[];
  readonly hovered: MapPoint | undefined;
}): JSX.Element {
  const circle = ({ id, x, y }: MapPoint, name: string, radius: number, stroke: number, key = id) => (
    <circle key={key} class={name} cx={x} cy={y} r={radius} stroke-width={stroke} />
  );
  const path = clicked.map(({ x, y }) => `${x},${y}`).join(' ');
  return (
    <>
      <polyline class="path" points={path} stroke-width={SIZES.stroke} />
      {listed.map((point) => circle(point, 'listed', SIZES.listed, SIZES.outline))}
      {clicked.map((point, at) => {
        const name = at === clicked.length - 1 ? 'clicked last' : 'clicked';
        return circle(point, name, SIZES.clicked, SIZES.stroke, `${at} ${point.id}`);
      })}
      {hovered && circle(hovered, 'hovered', SIZES.hovered, SIZES.stroke)}
    </>
  );
}

function Legend({ dots, hidden }: { readonly dots: readonly Dots[]; readonly hidden: number }): JSX.Element {
  return (
    <ul class="legend">
      <li>
        <span class="dot clicked" /> clicks
      </li>
      <li>
        <span class="dot listed" /> listed
      </li>
      {dots.map(
        ({ group }, at) =>
          group !== undefined && (
            <li key={group}>
              <span class="dot group" style={hueOf(at)} /> {group}
            </li>
          ),
      )}
      <li>
        <span class="dot" /> {dots.length > 1 ? 'other groups' : 'other items'}
      </li>
      {hidden > 0 && <li>{groupDigits(hidden)} less popular items are left out.</li>}
    </ul>
  );
}

/** Thousands of dots, drawn again only for another map. */
const Background = memo(function Background({ dots }: { readonly dots: readonly Dots[] }): JSX.Element {
  return (
    <g class="dots" stroke-width={2 * SIZES.dot}>
      {dots.map(({ group, path }, at) => (
        <path key={group ?? ''} class={group && 'group'} style={hueOf(at)} d={path} />
      ))}
    </g>
  );
});

/** The hue of a group's colour, from gold to pink: clicks are orange. */
function hueOf(at: number): Record<string, string> {
  return { '--hue': `${30 + 45 * at}deg` };
}

/** The most items on the map, which takes 9 s in the background. */
const MOST_PROJECTED = 20_000;
const FEWEST_PROJECTED = 10;

/** The map of a model's most popular items: undefined while it is computed, empty if there are too few items. */
function useProjection(workers: Workers, playing: Playing): readonly MapPoint[] | undefined {
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
  const points = await (await workers.map).projectItems(rows);
  return ids.map((id, place) => ({ id, x: points[2 * place] ?? 0, y: points[2 * place + 1] ?? 0 }));
}
