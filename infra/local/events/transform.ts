/** Which part of an event a target gets: Input, InputPath or InputTransformer of a rule's target. */
export type TargetInput = {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
};

/** The text a target receives for an event. */
export const inputFor = (target: TargetInput, event: Readonly<Record<string, unknown>>): string => {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? {});
  if (target.InputTransformer === undefined) return JSON.stringify(event);
  return transform(target.InputTransformer.InputTemplate, target.InputTransformer.InputPathsMap ?? {}, event);
};

/** The small JSONPath of EventBridge: `$.a.b[0]`. */
export const valueAt = (event: unknown, path: string): unknown => {
  const steps = path
    .replace(/^\$\.?/, '')
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((step) => step !== '');
  return steps.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
  }, event);
};

/** `<name>` inside quotes becomes text, elsewhere JSON; an unknown name becomes nothing, as in the service. */
const transform = (
  template: string,
  paths: Readonly<Record<string, string>>,
  event: Readonly<Record<string, unknown>>,
): string => {
  const predefined: Readonly<Record<string, unknown>> = {
    'aws.events.event': event,
    'aws.events.event.json': event,
    'aws.events.event.ingestion-time': event.time,
  };
  const namedValue = (name: string): unknown =>
    paths[name] === undefined ? predefined[name] : valueAt(event, paths[name]);
  let insideQuotes = false;
  return template.replaceAll(/\\.|"|<([\w.-]+)>/g, (found, name: string | undefined) => {
    if (found === '"') insideQuotes = !insideQuotes;
    if (name === undefined) return found;
    const value = namedValue(name);
    if (value === undefined) return '';
    if (!insideQuotes) return JSON.stringify(value);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return JSON.stringify(text).slice(1, -1);
  });
};
