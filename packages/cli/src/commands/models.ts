import type { Table } from '@gru4rec/report';
import { terminalTable } from '@gru4rec/report/table';
import { type ArgumentsOf, type Command, flag } from '../arguments/options.ts';
import { expectProject } from '../project/project.ts';
import { currentVersion, readRecord, versionsIn } from '../project/versions.ts';
import type { Terminal } from '../terminal/terminal.ts';

const options = { json: flag('Print one JSON object') };

export const command: Command = {
  usage: '$0 models\n\nLists the versions of the project, the current one and how each was judged.',
  options,
  examples: [''],
  run: runModels,
};

function runModels({ json }: ArgumentsOf<typeof options>, { directory, stdout }: Terminal): void {
  const { models } = expectProject('models', directory);
  if (json) stdout.writeJson({ current: currentVersion(models), versions: recordedVersions(models) });
  else stdout.write(`${terminalTable(versionsTable(models))}\n`);
}

function recordedVersions(models: string) {
  return versionsIn(models).map((version) => ({ version, ...readRecord(models, version) }));
}

export function versionsTable(models: string): Table {
  const current = currentVersion(models);
  const figure = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(4));
  const rows = recordedVersions(models).map(({ version, how, from, verdict }) => {
    const state = version === current ? 'current' : verdict?.isWorse ? 'refused' : '';
    const origin = from ?? how ?? '–';
    return [
      version,
      state,
      origin,
      figure(verdict?.recall),
      figure(verdict?.before.recall),
      figure(verdict?.mrr),
      figure(verdict?.before.mrr),
    ];
  });
  const heads = ['version', '', 'continues', 'recall@20', 'before', 'MRR@20', 'before'];
  return { columns: heads.map((head) => ({ head })), rows };
}
