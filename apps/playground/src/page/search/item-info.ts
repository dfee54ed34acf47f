import type { ModelCatalogueData } from './model-catalogue.ts';

/** What a line of the items file says of an item; other keys are the caller's own. */
interface InfoLine {
  readonly id: string;
  readonly title?: unknown;
  readonly group?: unknown;
  readonly available?: unknown;
}

/** Titles, groups and items that cannot be had, from the JSON Lines of a model's items file. Items may be missing. */
export function readItemInfo(
  lines: string,
  ids: readonly string[],
): Pick<ModelCatalogueData, 'titles' | 'groups' | 'groupNames' | 'unavailable'> {
  const byId = new Map(
    lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as InfoLine)
      .map((info) => [info.id, info]),
  );
  const infos = ids.map((id) => byId.get(id));
  const groupOf = (info: InfoLine | undefined): string => textOf(info?.group);
  const groupNames = [...new Set(infos.map(groupOf))].filter((name) => name !== '').sort();
  const numberOf = new Map(groupNames.map((name, number) => [name, number]));
  const titles = infos.map((info) => textOf(info?.title));
  return {
    ...(titles.some((title) => title !== '') && { titles }),
    ...(groupNames.length > 0 && {
      groupNames,
      groups: Int32Array.from(infos, (info) => numberOf.get(groupOf(info)) ?? -1),
    }),
    unavailable: infos.flatMap((info) => (info?.available === false ? info.id : [])),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
