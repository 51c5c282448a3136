/** The value of a policy variable, or undefined when the request does not have exactly one. */
export type Variables = (name: string) => string | undefined;

/**
 * What `*` and `?` mean. `none`: plain text. `any`: any characters. `component`: within one colon-separated part of an
 * ARN, but for the last, which spans (ArnLike). `resource`: the same, and a `*` that ends a part spans beyond it.
 */
export type WildcardMode = 'none' | 'any' | 'component' | 'resource';

/** `${name}`, `${name, 'default'}`; `${*}`, `${?}` and `${$}` are those characters. */
const VARIABLE = /^\$\{([^}]*)\}/;
const NAME_AND_DEFAULT = /^\s*([^,]+?)\s*(?:,\s*'([^']*)'\s*)?$/;

/** Parts of an ARN before its resource: arn, partition, service, region, account. */
const ARN_PARTS_BEFORE_RESOURCE = 5;

/**
 * The pattern as an anchored expression; undefined when a variable has neither a value nor a default, in which case it
 * matches nothing. Without `variables`, `${…}` is plain text. Values of variables are text: their `*` is an asterisk.
 */
export function iamPattern(
  pattern: string,
  mode: WildcardMode,
  variables: Variables | undefined,
  flags = '',
): RegExp | undefined {
  let source = '';
  let colons = 0;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    const variable = character === '$' && variables ? VARIABLE.exec(pattern.slice(index)) : null;
    if (variable && variables) {
      const value = resolveVariable(variable[1] ?? '', variables);
      if (value === undefined) return undefined;
      source += quoted(value);
      index += variable[0].length - 1;
    } else if (mode !== 'none' && (character === '*' || character === '?')) {
      const next = pattern.charAt(index + 1);
      const spans = mode === 'any' || colons >= ARN_PARTS_BEFORE_RESOURCE;
      const endsPart = mode === 'resource' && character === '*' && (next === ':' || next === '');
      source += `${spans || endsPart ? '.' : '[^:]'}${character === '*' ? '*' : ''}`;
    } else {
      if (character === ':') colons++;
      source += quoted(character);
    }
  }
  return new RegExp(`^${source}$`, `s${flags}`);
}

/** The pattern with its variables replaced, for operators that know no wildcards. */
export function substitute(text: string, variables: Variables | undefined): string | undefined {
  if (!variables) return text;
  let unresolved = false;
  const replaced = text.replaceAll(/\$\{([^}]*)\}/g, (whole, inner: string) => {
    const value = resolveVariable(inner, variables);
    if (value === undefined) unresolved = true;
    return value ?? whole;
  });
  return unresolved ? undefined : replaced;
}

function resolveVariable(inner: string, variables: Variables): string | undefined {
  if (inner === '*' || inner === '?' || inner === '$') return inner;
  const [, name, fallback] = NAME_AND_DEFAULT.exec(inner) ?? [];
  return name === undefined ? undefined : (variables(name) ?? fallback);
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
