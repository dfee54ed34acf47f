// The page of a server: shows what its own server writes as markup.

const POLL_MS = 5000;
/** Polls per drawing of the curves. */
const CURVES = 12;
const TOKEN = 'gru4rec.token';

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} name */
async function ask(name) {
  const token = sessionStorage.getItem(TOKEN);
  const path = `page/${name}`;
  const response = await fetch(path, token === null ? {} : { headers: { authorization: `Bearer ${token}` } });
  if (response.ok) {
    byId(name).innerHTML = await response.text();
    return;
  }
  if (response.status !== 401) throw new Error(`The server answers ${response.status} to ${path}`);
  // A token that was given meanwhile stays.
  if (sessionStorage.getItem(TOKEN) === token) sessionStorage.removeItem(TOKEN);
  byId('token').hidden = false;
  byId('content').hidden = true;
  throw new Error(token === null ? '' : 'The server does not know this token');
}

let polls = 0;

async function showOrSay() {
  const problem = byId('problem');
  try {
    await ask('headline');
    byId('content').hidden = false;
    await ask('tables');
    if (polls % CURVES === 0) await ask('charts');
    polls++;
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
