/**
 * The first page: asks the API for every check and shows it. Everything that came from outside goes into the page
 * as text, never as markup.
 *
 * @typedef {'unhealthy' | 'degraded' | 'unknown' | 'healthy' | 'paused'} Status
 * @typedef {{id: string, name: string, deploymentId: string, type: string, target: string, status: Status,
 *   lastChecked: string | null, responseTime: number | null, reason: string | null}} Check
 */

/** Worst first: the order of the counts and of the rows. */
const statuses = ['unhealthy', 'degraded', 'unknown', 'healthy', 'paused'];
const signs = { unhealthy: '✕', degraded: '!', unknown: '?', healthy: '✓', paused: '–' };
/** A browser lays out this many rows in a few milliseconds; nobody reads more. */
const maximumRows = 500;
const refreshMs = 3000;
const timeoutMs = 15_000;
const tokenName = 'homeostat.token';

const element = (id) => document.getElementById(id);
const clockTime = (instant) => new Date(instant).toLocaleTimeString();
const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

/** The tab's own store; where a browser refuses it, the token lives as long as the page. */
const kept = (() => {
  let memory = null;
  const attempt = (work, otherwise) => {
    try {
      return work();
    } catch {
      return otherwise;
    }
  };
  return {
    get: () => attempt(() => sessionStorage.getItem(tokenName), null) ?? memory,
    set: (token) => {
      memory = token;
      attempt(() =>
        token ? sessionStorage.setItem(tokenName, token) : sessionStorage.removeItem(tokenName),
      );
    },
  };
})();

const state = {
  /** @type {Check[] | null} */
  checks: null,
  /** When `checks` was read, epoch ms. */
  readAt: 0,
  /** A sentence while the API does not answer. */
  trouble: '',
  /** A sentence when the token was refused. */
  refused: '',
  /** @type {Status | null} */
  only: null,
};

class Refused extends Error {}

/** To the API a check that nobody looks at is unknown. Whoever reads is told why, and not to worry. */
const asShown = (check) =>
  check.isPaused || check.isActive === false ? { ...check, status: 'paused', reason: null } : check;

/** Every page of the list; the time limit is for each. */
const readChecks = async (token) => {
  const checks = [];
  let cursor = '';
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }) });
    const response = await fetch(`api/v1/monitoring/health-checks?${query}`, {
      headers: { authorization: `Bearer ${token}` },
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status === 401)
      throw new Refused('This token is not known, or it has expired or was revoked.');
    if (response.status === 403)
      throw new Refused('This token may not read checks; use one with the scope read.');
    if (!response.ok) throw new Error(`Homeostat answers with ${response.status}.`);
    const page = await response.json();
    checks.push(...page.items.map(asShown));
    cursor = page.next ?? '';
  } while (cursor);
  return checks;
};

const age = (instant, now) => {
  const seconds = Math.max(0, Math.round((now - instant) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
};

const duration = (milliseconds) => {
  if (milliseconds === null || milliseconds === undefined) return '–';
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
};

const worstFirst = (left, right) =>
  statuses.indexOf(left.status) - statuses.indexOf(right.status) ||
  left.deploymentId.localeCompare(right.deploymentId) ||
  left.name.localeCompare(right.name);

/** @type {Map<string, HTMLTableRowElement>} */
const rows = new Map();

const fillRow = (row, check, now) => {
  const part = (name) => row.querySelector(`.${name}`);
  if (row.className !== check.status) row.className = check.status;
  setText(part('sign'), signs[check.status] ?? '?');
  setText(part('word'), check.status);
  setText(part('name'), check.name);
  setText(part('deployment'), check.deploymentId);
  setText(part('reason'), check.reason ?? '');
  setText(part('kind'), check.type);
  setText(part('address'), check.target === check.type ? '' : check.target);
  setText(part('response'), duration(check.responseTime));
  const checked = check.lastChecked ? Date.parse(check.lastChecked) : Number.NaN;
  const time = row.querySelector('time');
  setText(time, Number.isNaN(checked) ? 'not yet' : age(checked, now));
  if (!Number.isNaN(checked) && time.dateTime !== check.lastChecked) {
    time.dateTime = check.lastChecked;
    time.title = new Date(checked).toLocaleString();
  }
};

/** Rows keep their elements: what did not change is not touched, so nothing flickers and a selection stays. */
const showRows = (checks, now) => {
  const body = element('rows');
  const shown = new Set(checks.map(({ id }) => id));
  for (const [id, row] of rows) {
    if (!shown.has(id)) {
      row.remove();
      rows.delete(id);
    }
  }
  checks.forEach((check, index) => {
    let row = rows.get(check.id);
    if (!row) {
      row = element('row').content.firstElementChild.cloneNode(true);
      rows.set(check.id, row);
    }
    fillRow(row, check, now);
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
};

const counters = new Map();
for (const name of [...statuses, 'all']) {
  const button = document.createElement('button');
  const count = document.createElement('b');
  const word = document.createElement('span');
  button.type = 'button';
  word.textContent = name;
  button.append(count, word);
  button.addEventListener('click', () => {
    state.only = name === 'all' || state.only === name ? null : name;
    show();
  });
  element('counts').append(button);
  counters.set(name, { button, count });
}

const showCounts = (checks) => {
  for (const [name, { button, count }] of counters) {
    const number = name === 'all' ? checks.length : checks.filter(({ status }) => status === name).length;
    setText(count, String(number));
    button.hidden = name === 'paused' && number === 0 && state.only !== name;
    button.className = number === 0 ? `${name} none` : name;
    button.setAttribute('aria-pressed', String((state.only ?? 'all') === name));
  }
};

const noteFor = (shown, matching, total) => {
  if (matching > shown) return `The first ${shown} of ${matching} are shown; filter to see the others.`;
  return matching === 0 && total > 0 ? 'No check matches.' : '';
};

const show = () => {
  const now = Date.now();
  const { checks, trouble, refused } = state;
  const asking = !kept.get();
  document.body.classList.toggle('stale', trouble !== '');
  element('forget').hidden = asking;
  element('token-form').hidden = !asking;
  element('loading').hidden = asking || checks !== null || trouble !== '';
  element('empty').hidden = asking || checks?.length !== 0;
  element('checks').hidden = asking || !checks?.length;
  const since = checks ? ` What is shown below was read at ${clockTime(state.readAt)}.` : '';
  const notice = asking ? refused : trouble && `${trouble}${since} Trying again …`;
  element('notice').hidden = notice === '';
  // Only when it changes: a screen reader reads an alert out again each time.
  setText(element('notice'), notice);
  setText(element('fresh'), asking || !checks || trouble ? '' : `Updated ${clockTime(state.readAt)}`);
  const unhealthy = checks?.filter(({ status }) => status === 'unhealthy').length ?? 0;
  document.title = unhealthy > 0 && !asking ? `(${unhealthy}) Homeostat` : 'Homeostat';
  if (asking || !checks) return;

  const wanted = element('filter').value.trim().toLowerCase();
  const matching = checks.filter(
    (check) =>
      (state.only === null || check.status === state.only) &&
      [check.name, check.deploymentId, check.type, check.target, check.reason ?? ''].some((text) =>
        text.toLowerCase().includes(wanted),
      ),
  );
  const shown = matching.sort(worstFirst).slice(0, maximumRows);
  showCounts(checks);
  showRows(shown, now);
  const note = noteFor(shown.length, matching.length, checks.length);
  element('note').hidden = note === '';
  setText(element('note'), note);
};

/** Says a change of status to those who do not see the colours change. */
const speakChanges = (before, after) => {
  const known = new Map((before ?? []).map(({ id, status }) => [id, status]));
  const changed = after.filter(({ id, status }) => known.has(id) && known.get(id) !== status);
  if (changed.length === 0) return;
  const told = changed.slice(0, 3).map(({ name, status }) => `${name} is now ${status}`);
  setText(
    element('spoken'),
    `${told.join(', ')}${changed.length > 3 ? ` and ${changed.length - 3} more` : ''}.`,
  );
};

/** Adds what came back of one reading to the state. A token that was replaced meanwhile decides nothing. */
const refresh = async () => {
  const token = kept.get();
  if (!token) return;
  try {
    const checks = await readChecks(token);
    if (token !== kept.get()) return;
    speakChanges(state.checks, checks);
    Object.assign(state, { checks, readAt: Date.now(), trouble: '', refused: '' });
  } catch (error) {
    if (token !== kept.get()) return;
    if (error instanceof Refused) {
      kept.set(null);
      Object.assign(state, { checks: null, trouble: '', refused: error.message });
    } else {
      const answered = error instanceof Error && error.message.startsWith('Homeostat answers');
      state.trouble = answered ? error.message : 'Homeostat does not answer.';
    }
  }
};

let timer = 0;
let running = false;
/** One reading at a time; a list that takes long to read is read less often, and a hidden tab rests. */
const run = async () => {
  clearTimeout(timer);
  if (running) return;
  running = true;
  const asked = kept.get();
  const startedAt = performance.now();
  await refresh();
  running = false;
  show();
  const took = performance.now() - startedAt;
  const wait = asked === kept.get() ? Math.max(refreshMs, 4 * took) : 0;
  if (kept.get()) timer = setTimeout(() => document.hidden || run(), wait);
};

/** `#token=…` moves from the address into the tab's store, so that it is in no history and in no copied link. */
const takeTokenFromAddress = () => {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  if (token) useToken(token);
};

const useToken = (token) => {
  kept.set(token);
  Object.assign(state, { checks: null, trouble: '', refused: '' });
  show();
  void run();
};

element('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = element('token');
  const token = field.value.trim();
  field.value = '';
  if (token) useToken(token);
});
element('forget').addEventListener('click', () => {
  useToken(null);
  element('token').focus();
});
element('filter').addEventListener('input', show);
addEventListener('hashchange', takeTokenFromAddress);
document.addEventListener('visibilitychange', () => document.hidden || run());
setInterval(() => document.hidden || show(), 1000);

takeTokenFromAddress();
show();
void run();
