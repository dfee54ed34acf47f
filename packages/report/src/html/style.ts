/** Text has a contrast of at least 4.5 : 1 to its background, dots of at least 3 : 1. */
export const COLORS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  paper: ['#ffffff', '#12161c'],
  ink: ['#17202a', '#e9edf2'],
  soft: ['#566270', '#a3afbd'],
  line: ['#dde3ea', '#2d3641'],
  other: ['#c3cbd5', '#465261'],
  'other-dot': ['#87939f', '#75828f'],
  fill: ['#d5e4f7', '#1f3a5c'],
  accent: ['#0b5cad', '#74b4ff'],
  warn: ['#fff3df', '#33240c'],
  'warn-edge': ['#c25e00', '#ffb454'],
  c1: ['#0b5cad', '#74b4ff'],
  c2: ['#b8400e', '#ff9f6b'],
  c3: ['#0b7049', '#56d3a0'],
  c4: ['#7b2fc0', '#cfa2ff'],
  c5: ['#7a5600', '#e3bf56'],
};

function variables(scheme: 0 | 1): string {
  return Object.entries(COLORS)
    .map(([name, values]) => `--${name}:${values[scheme]};`)
    .join('');
}

/** For light and dark schemes, phones and print. */
export const STYLE: string = `
:root{color-scheme:light dark;${variables(0)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(1)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
header,main{max-width:72rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:3rem}
main{padding-bottom:4rem}
h1{margin:0;font-size:1rem;font-weight:600;color:var(--soft)}
h2{margin:0 0 .25rem;font-size:1.375rem;line-height:1.25;letter-spacing:-.01em}
h3{margin:2rem 0 .5rem;font-size:1.125rem}
.headline{margin:.5rem 0 0;max-width:54rem;font-size:1.625rem;line-height:1.3;letter-spacing:-.015em;font-weight:600;text-wrap:pretty}
section{margin-top:3.25rem}
.note{margin:0 0 1rem;max-width:48rem;color:var(--soft)}
.warnings{margin-top:2rem;padding:1rem 1.25rem;background:var(--warn);border:2px solid var(--warn-edge);border-left-width:.625rem;border-radius:.375rem}
.warnings h2{display:flex;gap:.5rem;align-items:center;font-size:1.125rem}
.warnings svg{flex:none;width:1.375rem;height:1.375rem;fill:var(--warn-edge)}
.warnings ul{margin:.25rem 0 0;padding-left:1.25rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.5rem .75rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th:first-child{padding-left:0;text-align:left}
thead th{overflow-wrap:break-word;font-size:.875rem;color:var(--soft);vertical-align:bottom}
tbody th{font-weight:400}
caption{padding-bottom:.5rem;text-align:left;color:var(--soft)}
.models{width:100%}
.models thead th:first-child{width:22%}
.models tbody th{min-width:7rem;padding-left:1.125rem}
.models tbody tr:first-child th{font-weight:700}
.models :is(th,td):not(.plain){text-align:left}
.figure{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:0 .5rem}
.sd,.p,.models small{font-size:.8125em;color:var(--soft)}
.sd,.p{white-space:nowrap}
.models td strong{color:var(--accent)}
.models .plain{width:1%}
.models td.plain{white-space:nowrap}
.models small{display:block;font-weight:400;line-height:1.4}
.near{padding:0 .3rem;border-radius:.25rem;background:var(--fill);color:var(--ink)}
.swatch{display:inline-block;width:.625rem;height:.625rem;margin:0 .5rem 0 -1.125rem;border-radius:50%}
.bar{display:block;width:100%;min-width:5rem;height:.625rem;margin:.125rem 0}
.bar rect{fill:var(--fill)}
.bar path{fill:none;stroke:var(--accent);stroke-width:1.5px;vector-effect:non-scaling-stroke}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:0;padding:0;list-style:none;font-size:.9375rem}
.legend li{display:flex;min-width:0}
.legend svg{flex:none;width:2rem;height:.75rem;margin:.375rem .5rem 0 0;fill:currentColor}
.legend .stroke{fill:none;stroke:currentColor;stroke-width:2}
.charts{display:grid;margin-top:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:1.75rem 1.5rem}
figure{margin:0;min-width:0}
figcaption{font-size:.9375rem;font-weight:600;margin-bottom:.25rem}
figure svg{display:block;width:100%;max-width:30rem;height:auto}
details{margin-top:1rem}
summary{cursor:pointer;color:var(--accent);font-weight:500}
.scroll{overflow-x:auto;margin-top:.5rem}
.scroll table{font-size:.875rem}
td.text,thead .text{text-align:left}
.scroll tbody th{min-width:9rem}
.scroll td:not(.text){white-space:nowrap}
.examples{margin-top:.5rem;font-size:.875rem}
@media screen and (max-width:60rem){
.cards,.cards caption,.cards tbody{display:block}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.cards tbody th{min-width:0}
.cards tr{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:.375rem .75rem;padding:.75rem 0;border-bottom:1px solid var(--line)}
.cards th,.cards td{display:block;padding:0;border:0;text-align:left}
.models tbody th{padding-left:1.125rem}
.cards th{grid-column:1/-1}
.cards [data-label]::before{content:attr(data-label);display:block;font-size:.75rem;color:var(--soft)}
.models td.plain{display:flex;flex-wrap:wrap;gap:0 .375rem;align-items:baseline;font-size:.875rem}
.models td.plain+td.plain{grid-column:span 2}
.bar{min-width:0}
}
@media (max-width:40rem){
header,main{padding-left:1rem;padding-right:1rem}
header{padding-top:1.5rem}
.headline{font-size:1.375rem}
section{margin-top:2.5rem}
.sd,.p,.models td small{font-size:.75em}
}
@media print{
:root{color-scheme:light}
body{font-size:9pt}
figcaption,h3{font-size:1.1em}
th,td{padding:.35rem .4rem}
header{padding-top:0}
section{margin-top:2rem}
.charts{grid-template-columns:repeat(3,minmax(0,1fr));gap:1rem}
header,main{max-width:none;padding-left:0;padding-right:0}
figure,tr,.warnings{break-inside:avoid}
h2,h3,figcaption{break-after:avoid}
.warnings,.bar,.near,.swatch{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.scroll{overflow:visible}
}
`;
