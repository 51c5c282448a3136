import { fieldRow, hasInside, insideOf, make, opening, prose, sampleOf, schemasOf } from './schema.js';

const element = (id) => document.getElementById(id);
const methods = ['get', 'post', 'put', 'delete'];

/** A text in single quotes as a POSIX shell takes it. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** `{deploymentId}` → `$DEPLOYMENT_ID`: braces mean something to curl, and a variable says that it is the reader's. */
const withVariables = (path) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name) => `$${name.replaceAll(/([A-Z])/g, '_$1').toUpperCase()}`);

/** One request, ready for a terminal: $TOKEN is the reader's own. */
const curlOf = (api, method, path, operation) => {
  const root = location.origin + location.pathname.replace(/\/docs$/, '');
  const lines = [
    `curl -s${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "${root}${withVariables(path)}"`,
  ];
  if (operation.security.length > 0) lines.push('-H "authorization: Bearer $TOKEN"');
  const { content, required } = operation.requestBody ?? {};
  const schema = content?.['application/json']?.schema;
  if (schema && required) {
    lines.push("-H 'content-type: application/json'");
    lines.push(`-d ${quoted(JSON.stringify(sampleOf(api, schema)))}`);
  }
  return lines.join(' \\\n  ');
};

const copyButton = (text) => {
  const button = make('button', 'quiet', 'Copy');
  button.type = 'button';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
      element('spoken').textContent = 'The command was copied.';
    } catch {
      button.textContent = 'Select it and copy';
    }
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  });
  return button;
};

const part = (title, ...children) => make('section', 'part', make('h4', '', title), ...children);

const parametersOf = (api, operation) =>
  operation.parameters.length === 0
    ? ''
    : part(
        'Parameters',
        make(
          'ul',
          'fields',
          ...operation.parameters.map(({ name, in: place, required, schema, description }) => {
            const row = fieldRow(api, name, { description, ...schema }, required);
            row.querySelector('.line').append(make('span', 'place', `in the ${place}`));
            return row;
          }),
        ),
      );

const bodyOf = (api, operation) => {
  const { content, required } = operation.requestBody ?? {};
  const schema = content?.['application/json']?.schema;
  if (!schema) return '';
  return part(required ? 'Body' : 'Body, which may be left out', insideOf(api, schema));
};

/** What many routes answer alike stands once, among the components. */
const answerIn = (api, { $ref: reference, ...answer }) =>
  reference ? api.components.responses[reference.split('/').at(-1)] : answer;

const answersOf = (api, operation) =>
  part(
    'Answers',
    make(
      'ul',
      'answers',
      ...Object.entries(operation.responses).map(([status, answer]) => {
        const { description, content = {} } = answerIn(api, answer);
        const [[type, { schema }] = ['', {}]] = Object.entries(content);
        const isProblem = type === 'application/problem+json';
        const row = make(
          'li',
          status < '300' ? 'answer good' : 'answer',
          make('b', 'status', status),
          make('span', '', isProblem ? description : type || 'nothing in it'),
        );
        if (!isProblem && schema && hasInside(api, schema))
          row.append(opening(['its fields'], 'inside', () => insideOf(api, schema)));
        return row;
      }),
    ),
  );

const scopeOf = (operation) => operation.security[0]?.token?.[0] ?? 'public';

/** One route: a line, and behind it all there is to know, made when it is opened. */
const operationOf = (api, { method, path, operation }) => {
  const scope = scopeOf(operation);
  const label = [
    make('span', `method ${method}`, method.toUpperCase()),
    make('code', 'path', path),
    make('span', 'summary', operation.summary),
    make('span', `scope ${scope}`, scope),
  ];
  const details = opening(label, 'operation', () => {
    const curl = curlOf(api, method, path, operation);
    const about = operation.description.replace(/\n\nNeeds the scope .*$/s, '');
    const token = scope === 'public' ? 'Needs no token.' : `Needs a token with the scope \`${scope}\`.`;
    return make(
      'div',
      'body',
      prose(about),
      prose(token, 'soft'),
      make('div', 'curl', make('pre', '', curl), copyButton(curl)),
      parametersOf(api, operation),
      bodyOf(api, operation),
      answersOf(api, operation),
    );
  });
  details.id = operation.operationId;
  details.dataset.words = [method, path, scope, operation.summary, operation.description]
    .join(' ')
    .toLowerCase();
  details.addEventListener('toggle', () => {
    if (details.open) history.replaceState(null, '', `#${details.id}`);
  });
  return details;
};

const routesOf = (api) =>
  Object.entries(api.paths).flatMap(([path, held]) =>
    methods.flatMap((method) => (held[method] ? [{ method, path, operation: held[method] }] : [])),
  );

const slug = (name) => name.toLowerCase().replaceAll(' ', '-');

const show = (api) => {
  const routes = routesOf(api);
  const lead = prose(
    `${api.info.description} The first token is printed by \`npm start\`, others are made with \`homeostat tokens create\`; no scope contains another.`,
  );
  element('lead').replaceChildren(...lead.childNodes);
  for (const { name } of api.tags) {
    const own = routes.filter(({ operation }) => operation.tags.includes(name));
    const heading = make('h2', '', name);
    heading.id = slug(name);
    element('operations').append(
      make('section', 'group', heading, ...own.map((route) => operationOf(api, route))),
    );
    const link = make('a', '', name);
    link.href = `#${slug(name)}`;
    const entries = own.map(({ method, path, operation }) => {
      const entry = make('a', '', make('span', `method ${method}`, method.toUpperCase()), shortOf(path));
      entry.href = `#${operation.operationId}`;
      entry.title = `${path}: ${operation.summary}`;
      return make('li', '', entry);
    });
    element('contents').append(link, make('ul', '', ...entries));
  }
  const heading = make('h2', '', 'Schemas');
  heading.id = 'schemas-heading';
  const named = Object.keys(schemasOf(api)).sort();
  element('schemas').append(
    heading,
    ...named.map((name) => {
      const whole = schemasOf(api)[name];
      const label = [make('code', 'path', name), make('span', 'summary', whole.description ?? '')];
      return opening(label, 'operation schema', () =>
        make(
          'div',
          'body',
          hasInside(api, whole)
            ? insideOf(api, whole)
            : make('ul', 'fields', fieldRow(api, name, whole, false)),
        ),
      );
    }),
  );
};

const shortOf = (path) => path.replace('/api/v1/monitoring', '…').replace('/api/monitoring', '…');

const openFromAddress = () => {
  const wanted = element(decodeURIComponent(location.hash.slice(1)));
  if (!wanted) return;
  if (wanted.matches('details')) wanted.open = true;
  wanted.scrollIntoView();
};

element('filter').addEventListener('input', () => {
  const words = element('filter').value.trim().toLowerCase().split(/\s+/);
  for (const group of document.querySelectorAll('.group')) {
    const own = [...group.querySelectorAll('.operation')];
    for (const one of own) one.hidden = !words.every((word) => one.dataset.words.includes(word));
    group.hidden = own.every(({ hidden }) => hidden);
  }
});
addEventListener('hashchange', openFromAddress);

try {
  const response = await fetch('openapi.json', { signal: AbortSignal.timeout(15_000) });
  if (!response.ok) throw new Error(`Homeostat answers with ${response.status}.`);
  show(await response.json());
  openFromAddress();
} catch (error) {
  const said = error instanceof Error && error.message.startsWith('Homeostat') ? error.message : '';
  element('lead').hidden = true;
  element('notice').hidden = false;
  element('notice').textContent = `The description could not be read. ${said} Reload the page to try again.`;
}
