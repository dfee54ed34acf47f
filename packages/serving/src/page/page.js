// The page of a server: reads /v1/status and /metrics of its own server, and shows what they say.

const POLL_MS = 5000;
const TOKEN = 'gru4rec.token';

/**
 * @typedef {{ k: number, sessions: number, recall: number, recallInterval: [number, number] | null }} Figures
 * @typedef {{ name: string, status: string, folder: string | null, version: string | null, items: number | null, loadedAt: string | null,
 *   error: string | null, learning: { state: string, reason: string | null } | null,
 *   online: { recommendations: Figures[] } }} Model
 * @typedef {{ id: string, title?: string, firstClickMs: number, clicked: number, listed: number, known: boolean }} NewItem
 */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {number} value */
const whole = (value) => Math.round(value).toLocaleString('en');
/** @param {number} value @param {string} noun */
const counted = (value, noun) => `${whole(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`;
/** @param {number} value */
const share = (value) => value.toFixed(3).replace(/^0/, '');
const soft = (/** @type {string} */ text) => make('p', { class: 'soft' }, text);

/**
 * An element, whose children are elements or text, never markup.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

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

/** @param {Model[]} models @param {string} metrics @returns {[text: string, isBad: boolean][]} */
function statesOf(models, metrics) {
  /** @param {string} name @param {string} noun */
  const count = (name, noun) => counted(read(metrics, name) ?? 0, noun);
  /** @type {[string, boolean][]} */
  const states = [];
  for (const { name, status, error, learning } of models) {
    states.push([
      `${name}: ${status}${error === null ? '' : `, ${error}`}`,
      status === 'failed' || error !== null,
    ]);
    if (!learning) continue;
    const learnt = `${count('learn_pairs_total', 'pair')}, ${count('learn_new_items', 'new item')}`;
    const { state, reason } = learning;
    const about = state === 'learning' ? `: ${learnt}, ${count('learn_versions_total', 'version')}` : '';
    states.push([`Learning${about || ` ${state}: ${reason}`}`, about === '']);
  }
  const available = read(metrics, 'session_store_available');
  const sessions = `${count('sessions', 'session')} ${available === undefined ? 'in memory' : 'in their store'}`;
  states.push([available === 0 ? 'Session store fails; sessions are in memory' : sessions, available === 0]);
  const lost = read(metrics, 'event_log_lost_total');
  const isFailing = read(metrics, 'event_log_failing') === 1;
  const log = isFailing
    ? `Event log fails, waiting: ${count('event_log_backlog', 'click')}`
    : `Event log: ${count('event_log_clicks_total', 'click')}`;
  states.push([lost === undefined ? 'No event log' : log, isFailing]);
  if (lost) states.push([`Not in the log: ${counted(lost, 'click')}`, true]);
  return states;
}

/** @param {Model} model */
function describeModel({ name, folder, version, items, loadedAt, online }) {
  const since = loadedAt === null ? '' : `, loaded ${ago(Date.parse(loadedAt))}`;
  const about = folder === null ? 'no version' : `${folder}, ${counted(items ?? 0, 'item')}${since}`;
  const line = make('p', {}, `${name} `, make('span', { class: 'soft', title: version ?? '' }, about));
  const figures = online.recommendations.at(-1);
  if (!figures) return [line, soft('No click has followed an answer yet.')];
  const { k, recall, recallInterval, sessions } = figures;
  const bounds = recallInterval ? ` (95 %: ${recallInterval.map(share).join(' to ')})` : '';
  return [line, soft(`recall@${k} ${share(recall)}${bounds}, ${counted(sessions, 'session')}`)];
}

/** @param {NewItem[]} items */
function tableOf(items) {
  if (items.length === 0) return soft('None so far.');
  const row = (/** @type {string} */ tag, /** @type {(Node | string)[]} */ ...cells) =>
    make('tr', {}, ...cells.map((cell) => make(tag, {}, cell)));
  const rows = items.map(({ id, title, firstClickMs, known, clicked, listed }) => {
    const about = `${known ? '' : 'in no model, '}first clicked ${ago(firstClickMs)}`;
    const item = make('div', {}, title === undefined ? id : `${title} (${id})`, make('small', {}, about));
    return row('td', item, whole(clicked), whole(listed));
  });
  return make('table', {}, row('th', 'Item', 'Clicked', 'Listed'), ...rows);
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

async function show() {
  const [metrics, { models, newItems }] = await Promise.all([
    ask('metrics').then((response) => response.text()),
    ask('v1/status').then((response) => response.json()),
  ]);
  byId('content').hidden = false;
  const states = statesOf(models, metrics).map(([text, isBad]) => {
    return make('li', { class: isBad ? 'bad' : 'good' }, text);
  });
  byId('states').replaceChildren(...states);
  byId('models').replaceChildren(...models.flatMap(describeModel));
  byId('new-items').replaceChildren(tableOf(newItems));
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
