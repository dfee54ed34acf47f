import type { JSX, TargetedEvent } from 'preact';
import { memo } from 'preact/compat';
import { useEffect, useMemo, useState } from 'preact/hooks';
import {
  type Dots,
  dotsByGroup,
  type Frame,
  frameAround,
  type MapPoint,
  pointAt,
  WHOLE,
} from '../items/map-view.ts';
import type { Play } from '../session.ts';
import type { Playing, Workers } from '../use-models.ts';
import type { Listed } from '../worker/player.ts';

/** Radii and strokes, as shares of the frame. */
const SIZES = {
  ...{ dot: 0.003, listed: 0.011, clicked: 0.014, hovered: 0.016 },
  ...{ stroke: 0.005, outline: 0.003, reach: 0.03 },
};

/** Groups that have their own colours, in views.css. */
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
      {points === undefined && <p class="quiet map-waiting">Drawing the map …</p>}
      {points && points.length > 0 && <Drawing {...{ points, playing, play, list, onClick }} />}
      {points?.length === 0 && <p class="quiet">There are too few items for a map.</p>}
    </section>
  );
}

interface MarksProps {
  readonly clicked: readonly MapPoint[];
  readonly listed: readonly MapPoint[];
  readonly hovered: MapPoint | undefined;
  readonly frame: Frame;
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
  const [isNear, setNear] = useState(false);
  const [hovered, setHovered] = useState<MapPoint>();
  const byId = useMemo(() => new Map(points.map((point) => [point.id, point])), [points]);
  const clicked = play.clicks.flatMap((id) => byId.get(id) ?? []);
  const listed = list.flatMap(({ id }) => byId.get(id) ?? []);
  const frame = isNear ? frameAround([...clicked, ...listed]) : WHOLE;
  const find = (event: TargetedEvent<SVGSVGElement, MouseEvent>): MapPoint | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = frame.x + (frame.size * (event.clientX - box.left)) / box.width;
    const y = frame.y + (frame.size * (event.clientY - box.top)) / box.height;
    return pointAt(points, { x, y }, SIZES.reach * frame.size);
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
        viewBox={`${frame.x} ${frame.y} ${frame.size} ${frame.size}`}
        role="img"
        aria-label={`Map of ${points.length} items: ${clicked.length} clicks of the session as a path, and ${listed.length} listed items`}
        onPointerMove={(event) => setHovered(find(event))}
        onPointerLeave={() => setHovered(undefined)}
        onClick={(event) => {
          const point = find(event);
          if (point) onClick(point.id);
        }}
      >
        <Background dots={dots} size={2 * SIZES.dot * frame.size} />
        <Marks {...{ clicked, listed, hovered, frame }} />
      </svg>
      <div class="map-foot">
        <span class="map-name">
          {named && catalogue.titleOf(named.id)}
          {named && catalogue.groupOf(named.id) && <small> {catalogue.groupOf(named.id)}</small>}
        </span>
        <button type="button" aria-pressed={isNear} onClick={() => setNear(!isNear)}>
          Zoom in
        </button>
      </div>
      <Legend dots={dots} hidden={catalogue.length - points.length} />
    </>
  );
}

function Marks({ clicked, listed, hovered, frame: { size } }: MarksProps): JSX.Element {
  const circle = ({ id, x, y }: MapPoint, name: string, radius: number, stroke: number, key = id) => (
    <circle key={key} class={name} cx={x} cy={y} r={radius * size} stroke-width={stroke * size} />
  );
  const path = clicked.map(({ x, y }) => `${x},${y}`).join(' ');
  return (
    <>
      <polyline class="path" points={path} stroke-width={SIZES.stroke * size} />
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
      {dots.flatMap(({ group }, at) =>
        group === undefined ? (
          []
        ) : (
          <li key={group}>
            <span class={`dot group-${at}`} /> {group}
          </li>
        ),
      )}
      <li>
        <span class="dot" /> {dots.length > 1 ? 'other groups' : 'other items'}
      </li>
      {hidden > 0 && <li>{hidden.toLocaleString('en-US')} less popular items are left out.</li>}
    </ul>
  );
}

/** Thousands of dots, drawn again only for another map or zoom. */
const Background = memo(function Background({
  dots,
  size,
}: {
  readonly dots: readonly Dots[];
  readonly size: number;
}): JSX.Element {
  return (
    <g class="dots" stroke-width={size}>
      {dots.map(({ group, path }, at) => (
        <path key={group ?? ''} class={group === undefined ? '' : `group-${at}`} d={path} />
      ))}
    </g>
  );
});

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
  const points = await workers.map.projectItems(rows);
  return ids.map((id, place) => ({ id, x: points[2 * place] ?? 0, y: points[2 * place + 1] ?? 0 }));
}
