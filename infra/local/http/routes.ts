/** A route of an HTTP API: `GET /a/{id}`, `ANY /{proxy+}` or `$default`. */
export type Route = {
  readonly routeKey: string;
  readonly functionArn: string;
  readonly integrationTimeoutMs: number;
  readonly authorizerId: string | undefined;
};

export type Match = { readonly route: Route; readonly pathParameters: Readonly<Record<string, string>> };

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable' | 'greedy'; readonly name: string };
type Compiled = { readonly route: Route; readonly method: string; readonly segments: readonly Segment[] };

const segmentOf = (text: string): Segment => {
  const [, name = '', greedy] = /^\{([^}+]+)(\+)?\}$/.exec(text) ?? [];
  if (name === '') return { kind: 'literal', text };
  return { kind: greedy ? 'greedy' : 'variable', name };
};

/** Rank of a segment: a literal beats a variable, which beats a greedy one. */
const rank: Readonly<Record<Segment['kind'], number>> = { literal: 0, variable: 1, greedy: 2 };

/** Finds the most specific route as API Gateway does: a full match before a greedy one, a method before ANY, `$default` last. */
export const compileRoutes = (
  routes: readonly Route[],
): ((method: string, path: string) => Match | undefined) => {
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');
  const compiled = routes
    .filter((route) => route !== fallback)
    .map((route): Compiled => {
      const [method = '', path = ''] = route.routeKey.split(' ');
      return { route, method, segments: path.split('/').slice(1).map(segmentOf) };
    })
    .sort(bySpecificity);

  return (method, path) => {
    const parts = path.split('/').slice(1);
    for (const candidate of compiled) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue;
      const pathParameters = matchParts(candidate.segments, parts);
      if (pathParameters) return { route: candidate.route, pathParameters };
    }
    return fallback && { route: fallback, pathParameters: {} };
  };
};

const bySpecificity = (left: Compiled, right: Compiled): number => {
  for (let at = 0; at < Math.max(left.segments.length, right.segments.length); at++) {
    const [one, other] = [left.segments[at], right.segments[at]];
    const difference = (one ? rank[one.kind] : 3) - (other ? rank[other.kind] : 3);
    if (difference !== 0) return difference;
  }
  return Number(left.method === 'ANY') - Number(right.method === 'ANY');
};

const matchParts = (
  segments: readonly Segment[],
  parts: readonly string[],
): Record<string, string> | undefined => {
  const found: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const part = parts[at];
    if (part === undefined) return undefined;
    if (segment.kind === 'greedy') {
      const rest = parts.slice(at).join('/');
      if (rest === '') return undefined;
      found[segment.name] = decode(rest);
      return found;
    }
    if (segment.kind === 'literal' ? decode(part) !== segment.text : part === '') return undefined;
    if (segment.kind === 'variable') found[segment.name] = decode(part);
  }
  return parts.length === segments.length ? found : undefined;
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
