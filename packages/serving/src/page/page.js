// The page of a server: reads /metrics, /v1/models and /v1/history of its own server, and draws what they say.
import { bar, chart, clock, counted, digits, make, share, table, whole } from './draw.js';

const POLL_MS = 5000;
const HISTORY_MS = 60_000;
const HOUR_MS = 3_600_000;
const TOKEN = 'gru4rec.token';
/** Evidence that a guard shows in colour. */
const DOUBTFUL = 100;

/**
 * @typedef {import('./draw.js').Series} Series
 * @typedef {{ k: number, sessions: number, recall: number, recallInterval: [number, number] | null }} Figures
 * @typedef {{ name: string, status: string, version: string | null, items: number | null, loadedAt: string | null,
 *   error: string | null, learning: { state: string, reason: string | null } | null,
 *   online: { recommendations: Figures[] } }} Model
 * @typedef {import('../history/history-report.ts').HistoryReport} History
 */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** A checksum by its first digits. @param {string | null} version */
const short = (version) => version?.replace(/^([0-9a-f]{12})[0-9a-f]+/, '$1…') ?? 'none';
const soft = (/** @type {string} */ text) => make('p', { class: 'soft' }, text);

/** @param {number} ms */
function ago(ms) {
  const minutes = Math.max(0, Date.now() - ms) / 60_000;
  if (minutes < 1) return 'just now';
  return minutes < 100 ? `${whole(minutes)} min ago` : `${whole(minutes / 60)} h ago`;
}

/** A metric, summed over its labels; undefined if the server has none of this name. @param {string} metrics @param {string} name */
function read(metrics, name) {
  const found = [...metrics.matchAll(new RegExp(`^gru4rec_${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))];
  return found.length === 0 ? undefined : found.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** @param {string} id @param {string} title @param {(Node | string)[]} parts */
function fill(id, title, ...parts) {
  byId(id).replaceChildren(make('h2', {}, title), ...parts);
}

/** @param {Model[]} models @param {string} metrics @returns {[text: string, isBad: boolean][]} */
function statesOf(models, metrics) {
  /** @param {string} name @param {string} noun */
  const count = (name, noun) => counted(read(metrics, name) ?? 0, noun);
  const ofModels = models.flatMap(({ name, status, error, learning }) => {
    const isBad = status === 'failed' || error !== null;
    /** @type {[string, boolean]} */
    const state = [`${name}: ${status}${error === null ? '' : `, ${error}`}`, isBad];
    if (!learning) return [state];
    const evidence = read(metrics, 'learn_guard_evidence') ?? 1;
    const versions = count('learn_versions_total', 'version');
    const learnt = `Learning: ${count('learn_pairs_total', 'pair')}, ${count('learn_new_items', 'new item')}, ${versions}`;
    const { state: how, reason } = learning;
    /** @type {[string, boolean][]} */
    const ofLearner = [
      [how === 'learning' ? learnt : `Learning ${how}: ${reason}`, how !== 'learning'],
      [`Guard: evidence ${digits(evidence)} of 10,000 against the learner`, evidence > DOUBTFUL],
    ];
    return [state, ...ofLearner];
  });
  const available = read(metrics, 'session_store_available');
  const place = available === undefined ? 'in memory' : 'in their store';
  const lost = read(metrics, 'event_log_lost_total');
  const isFailing = read(metrics, 'event_log_failing') === 1;
  const log = isFailing
    ? `Event log fails, waiting: ${count('event_log_backlog', 'click')}`
    : `Event log: ${count('event_log_clicks_total', 'click')}`;
  return [
    ...ofModels,
    [
      available === 0
        ? 'Session store fails; sessions are in memory'
        : `${count('sessions', 'session')} ${place}`,
      available === 0,
    ],
    [lost === undefined ? 'No event log' : log, isFailing],
    ...(lost ? [/** @type {[string, boolean]} */ ([`Not in the log: ${counted(lost, 'click')}`, true])] : []),
  ];
}

/** @param {Model} model */
function describeModel({ name, version, items, loadedAt, online }) {
  const since = loadedAt === null ? '' : `, serving since ${clock(loadedAt)}`;
  const about = `${short(version)}${items === null ? '' : `, ${counted(items, 'item')}`}${since}`;
  const line = make('p', {}, `${name} `, make('span', { class: 'soft' }, about));
  const figures = online.recommendations.at(-1);
  if (!figures) return [line, soft('No click has followed an answer yet.')];
  const { k, recall, recallInterval, sessions } = figures;
  const bounds = recallInterval ? ` (95 %: ${recallInterval.map(share).join(' to ')})` : '';
  const text = `recall@${k} ${share(recall)}${bounds}, ${counted(sessions, 'session')}`;
  return [line, bar(recall, recallInterval ?? [recall, recall]), soft(text)];
}

/** @param {string} id @param {string} title @param {readonly number[]} times @param {Series[]} series @param {(value: number) => string} format */
function showChart(id, title, times, series, format) {
  const width = Math.max(240, byId(id).clientWidth - 42);
  fill(id, title, chart(title, [...times], series, { width, format }));
}

/** @param {History} history */
function showHistory({ atMs, answersPerSecond, p99Ms, recall, guard, newItems, loads }) {
  const inHour = atMs.filter((at) => at > Date.now() - HOUR_MS);
  const hour = (/** @type {readonly (number | null)[]} */ values) => {
    return [{ name: '', values: values.slice(values.length - inHour.length) }];
  };
  byId('guard').hidden = !guard;
  const rate = `Recommendations per second, last hour; now ${digits(answersPerSecond.at(-1) ?? 0)}`;
  showChart('rate', rate, inHour, hour(answersPerSecond), digits);
  const p99 = p99Ms.at(-1) ?? null;
  const now = p99 === null ? '' : `; now ${digits(p99)}`;
  showChart('p99', `p99 in ms, last hour${now}`, inHour, hour(p99Ms), digits);
  const recalls = recall.map(({ model, values }) => ({ name: model, values: [...values] }));
  showChart('recall', 'Online recall over the day', atMs, recalls, share);
  if (guard) {
    const both = [
      { name: 'learner', values: [...guard.learner] },
      { name: 'frozen model', values: [...guard.frozen] },
    ];
    showChart('guard', 'Learner against frozen model: sessions won', atMs, both, digits);
  }
  const items = newItems.map(({ id, title, firstClickMs, known, clicked, listed }) => {
    const about = `${known ? '' : 'in no model, '}first clicked ${ago(firstClickMs)}`;
    const name = title === undefined ? id : `${title} (${id})`;
    return [make('div', {}, name, make('small', {}, about)), whole(clicked), whole(listed)];
  });
  const newest = items.length === 0 ? soft('None so far.') : table(['Item', '#Clicked', '#Listed'], items);
  fill('new-items', 'Newest items since the server started', newest);
  const rows = loads.map(({ atMs: at, model, version, error }) => [
    clock(at),
    model,
    error ?? short(version),
  ]);
  fill('loads', 'Versions and swaps', table(['Time', 'Model', 'Version'], rows));
}

/** @param {string} path */
async function ask(path) {
  const token = sessionStorage.getItem(TOKEN);
  const response = await fetch(path, token === null ? {} : { headers: { authorization: `Bearer ${token}` } });
  if (response.ok) return response;
  if (response.status !== 401) throw new Error(`The server answers ${response.status} to ${path}`);
  // A token that was given meanwhile stays.
  if (sessionStorage.getItem(TOKEN) === token) sessionStorage.removeItem(TOKEN);
  byId('token').hidden = false;
  byId('content').hidden = true;
  throw new Error(token === null ? '' : 'The server does not know this token');
}

/** @type {{ readonly atMs: number, readonly history: History } | undefined} */
let kept;

async function show() {
  const [metrics, { models }] = await Promise.all([
    ask('metrics').then((response) => response.text()),
    ask('v1/models').then((response) => response.json()),
  ]);
  if (!kept || Date.now() - kept.atMs > HISTORY_MS) {
    kept = { atMs: Date.now(), history: await (await ask('v1/history')).json() };
  }
  byId('content').hidden = false;
  const states = statesOf(models, metrics).map(([text, isBad]) => {
    return make('li', { class: isBad ? 'bad' : 'good' }, text);
  });
  byId('states').replaceChildren(...states);
  fill('models', 'Models and their online recall', ...models.flatMap(describeModel));
  showHistory(kept.history);
}

async function showOrSay() {
  const problem = byId('problem');
  try {
    await show();
    problem.hidden = true;
  } catch (error) {
    const { message, name } = /** @type {Error} */ (error);
    problem.textContent = name === 'TypeError' ? `The server does not answer (${message}).` : message;
    problem.hidden = problem.textContent === '';
  }
}

byId('token').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId('token-text'));
  sessionStorage.setItem(TOKEN, field.value.trim());
  field.value = '';
  byId('token').hidden = true;
  showOrSay();
});

/** One poll after the other, while the page is seen. */
async function poll() {
  if (document.visibilityState === 'visible' && byId('token').hidden) await showOrSay();
  setTimeout(poll, POLL_MS);
}
poll();
