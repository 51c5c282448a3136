import type { Escape } from './escape.ts';

/** What a template may speak of, beside `labels.<name>`. */
export const placeholders = [
  'title',
  'severity',
  'deployment',
  'status',
  'reason',
  'runbookUrl',
  'firing',
  'resolved',
  'since',
  'downtime',
  'by',
  'channel',
] as const;
export type PlaceholderName = (typeof placeholders)[number];

const place = /\{\{([^{}]*)\}\}/g;
const label = /^labels\.([A-Za-z_][A-Za-z0-9_.:/-]{0,99})$/;

const isKnown = (name: string): boolean =>
  (placeholders as readonly string[]).includes(name) || label.test(name);

/** Why a template cannot be used, and what to write instead; undefined when it can. */
export const templateFault = (template: string): string | undefined => {
  const unknown = [...template.matchAll(place)]
    .map(([, name = '']) => name.trim())
    .find((name) => !isKnown(name));
  if (unknown !== undefined) {
    return `Write one of ${placeholders.map((name) => `{{${name}}}`).join(', ')} or {{labels.NAME}}: there is no {{${unknown}}}.`;
  }
  const rest = template.replace(place, '');
  return /\{\{|\}\}/.test(rest) ? 'Close each {{ with }}, and put nothing but a name between.' : undefined;
};

export type TemplateValues = Readonly<Record<PlaceholderName, string>> & {
  readonly labels: ReadonlyMap<string, string>;
};

/** In one pass, so that a value that looks like a placeholder stays text. What is not there is empty. */
export const filled = (template: string, values: TemplateValues, escaped: Escape): string =>
  template.replace(place, (_whole, given: string) => {
    const name = given.trim();
    const labelName = label.exec(name)?.[1];
    const value = labelName === undefined ? values[name as PlaceholderName] : values.labels.get(labelName);
    return escaped(value ?? '');
  });
