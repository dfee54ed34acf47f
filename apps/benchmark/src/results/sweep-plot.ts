import { LineChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { SweepPoint } from '../suites/sweep.ts';

use([LineChart, GridComponent, TitleComponent, SVGRenderer]);

const PANEL = { width: 300, height: 220, left: 70, top: 50, gapX: 90, gapY: 90 };
const COLUMNS = 3;
const titles: Readonly<Record<SweepPoint['varied'], string>> = {
  items: 'items',
  units: 'hidden units',
  batchSize: 'batch size',
  nSample: 'samples',
  threads: 'threads',
};

/** One panel per size: the time per step at each measured value, on a logarithmic scale. */
export function plotSweep(points: readonly SweepPoint[]): string {
  const panels = (Object.keys(titles) as SweepPoint['varied'][])
    .map((varied) => ({ varied, points: points.filter((point) => point.varied === varied) }))
    .filter((panel) => panel.points.length > 0);
  const rows = Math.ceil(panels.length / COLUMNS);
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: COLUMNS * (PANEL.width + PANEL.gapX),
    height: rows * (PANEL.height + PANEL.gapY),
  });
  try {
    chart.setOption(optionsOf(panels));
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}

interface Panel {
  readonly varied: SweepPoint['varied'];
  readonly points: readonly SweepPoint[];
}

function optionsOf(panels: readonly Panel[]) {
  const place = (index: number) => ({
    left: PANEL.left + (index % COLUMNS) * (PANEL.width + PANEL.gapX),
    top: PANEL.top + Math.floor(index / COLUMNS) * (PANEL.height + PANEL.gapY),
  });
  return {
    animation: false,
    backgroundColor: '#ffffff',
    title: panels.map(({ varied }, index) => {
      const { left, top } = place(index);
      return {
        text: `${titles[varied]}: µs per step`,
        left: left - 10,
        top: top - 35,
        textStyle: { fontSize: 14 },
      };
    }),
    grid: panels.map((_, index) => ({ ...place(index), width: PANEL.width, height: PANEL.height })),
    xAxis: panels.map(({ points }, gridIndex) => ({
      type: 'category' as const,
      gridIndex,
      data: points.map(({ value }) => value.toLocaleString('en-US')),
    })),
    yAxis: panels.map((_, gridIndex) => ({ type: 'log' as const, gridIndex })),
    series: panels.map(({ points }, index) => ({
      type: 'line' as const,
      xAxisIndex: index,
      yAxisIndex: index,
      data: points.map(({ stepMicroseconds }) => Number(stepMicroseconds.median.toPrecision(4))),
      label: { show: true, fontSize: 10 },
    })),
  };
}
