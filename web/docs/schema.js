/** An element with its class and its children, which are elements or texts; never markup. */
export const make = (name, className = '', ...children) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== undefined && child !== ''));
  return made;
};

/** `code` in a sentence as it is meant: the parts between backticks. */
export const prose = (text, className = '') =>
  make(
    'p',
    className,
    ...text.split('`').map((part, index) => (index % 2 === 1 ? make('code', '', part) : part)),
  );

export const schemasOf = (api) => api.components?.schemas ?? {};
const refName = (schema) => schema.$ref?.split('/').at(-1);

/** The schema that a reference means, with what stands beside the reference. */
const resolved = (api, schema) => {
  const name = refName(schema);
  if (!name) return schema;
  const { $ref: _reference, ...beside } = schema;
  return { ...schemasOf(api)[name], ...beside };
};

const listed = (values) => values.map((value) => JSON.stringify(value)).join(' | ');

/** A schema's type in a few words: `text`, `list of Check`, `"a" | "b"`. */
const typeText = (api, schema) => {
  if (schema === true || Object.keys(schema).length === 0) return 'anything';
  const name = refName(schema);
  if (name) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return listed(schema.enum);
  const ways = schema.anyOf ?? schema.oneOf;
  if (ways)
    return ways.length > 4 ? `one of ${ways.length}` : ways.map((way) => typeText(api, way)).join(' | ');
  if (schema.type === 'array') return `list of ${typeText(api, schema.items ?? {})}`;
  if (Array.isArray(schema.type)) return schema.type.join(' | ');
  if (schema.format) return schema.format;
  return schema.type ?? 'anything';
};

/** What bounds a value, in a few words. */
const bounds = (schema) => {
  const between = (least, most, unit) => {
    if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
    if (least !== undefined) return `at least ${least}${unit}`;
    return most === undefined ? '' : `at most ${most}${unit}`;
  };
  return [
    between(schema.minimum, schema.maximum, ''),
    between(schema.minLength, schema.maxLength, ' characters'),
    between(schema.minItems, schema.maxItems, ' items'),
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
  ]
    .filter(Boolean)
    .join(', ');
};

/** Whether a schema has an inside worth opening. */
export const hasInside = (api, schema) => {
  const whole = resolved(api, schema);
  if (whole.type === 'array') return hasInside(api, whole.items ?? {});
  if (whole.properties) return Object.keys(whole.properties).length > 0;
  return (whole.anyOf ?? whole.oneOf ?? []).some((way) => hasInside(api, way));
};

/** Opens on demand: schemas are deep, and most of them are never looked into. */
export const opening = (label, className, fill) => {
  const details = make('details', className, make('summary', '', ...label));
  details.addEventListener('toggle', () => details.open && !details.dataset.filled && fillNow());
  const fillNow = () => {
    details.dataset.filled = 'yes';
    details.append(fill());
  };
  return details;
};

/** A discriminated way is named by what tells it apart, another by its type. */
const wayName = (api, way) => {
  const { properties = {} } = resolved(api, way);
  const [field, schema] = Object.entries(properties).find(([, held]) => held.const !== undefined) ?? [];
  return field ? `${field}: ${schema.const}` : typeText(api, way);
};

/** The inside of a schema: its fields, or the ways it can be. */
export const insideOf = (api, schema) => {
  const whole = resolved(api, schema);
  if (whole.type === 'array') return insideOf(api, whole.items ?? {});
  if (whole.properties) {
    const required = new Set(whole.required ?? []);
    const fields = Object.entries(whole.properties).map(([name, held]) =>
      fieldRow(api, name, held, required.has(name)),
    );
    return make('ul', 'fields', ...fields);
  }
  const ways = (whole.anyOf ?? whole.oneOf ?? []).filter((way) => hasInside(api, way));
  return make(
    'div',
    'ways',
    ...ways.map((way) => opening([make('code', '', wayName(api, way))], 'way', () => insideOf(api, way))),
  );
};

export const fieldRow = (api, name, schema, isRequired) => {
  const whole = resolved(api, schema);
  const bound = bounds(whole);
  const row = make(
    'li',
    'field',
    make(
      'div',
      'line',
      make('code', 'name', name),
      make('span', 'type', typeText(api, schema)),
      isRequired ? make('span', 'needed', 'needed') : '',
      bound ? make('span', 'bound', bound) : '',
    ),
  );
  if (whole.description) row.append(prose(whole.description, 'about'));
  if (hasInside(api, schema)) row.append(opening(['its fields'], 'inside', () => insideOf(api, schema)));
  return row;
};

/** A value that the schema would take: only what is needed, from its examples where it has some. */
export const sampleOf = (api, schema, depth = 0) => {
  const whole = resolved(api, schema);
  if (whole.const !== undefined) return whole.const;
  if (whole.examples) return whole.examples[0];
  if (whole.enum) return whole.enum[0];
  if (depth > 6) return null;
  const ways = whole.anyOf ?? whole.oneOf;
  if (ways) return sampleOf(api, ways[0], depth + 1);
  if (whole.type === 'object') {
    const names = whole.required ?? [];
    return Object.fromEntries(
      names.map((name) => [name, sampleOf(api, whole.properties?.[name] ?? {}, depth + 1)]),
    );
  }
  if (whole.type === 'array') return [sampleOf(api, whole.items ?? {}, depth + 1)];
  if (whole.type === 'integer' || whole.type === 'number') return whole.minimum ?? 1;
  if (whole.type === 'boolean') return true;
  return whole.format === 'date-time' ? '2026-01-31T12:00:00Z' : '…';
};
