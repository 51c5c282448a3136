import { type Facts, type Placeholder, placeholdersIn } from '../conditions/condition.ts';
import { firstFailed } from '../conditions/evaluate.ts';
import { readerOf } from '../conditions/value.ts';
import type { Answer } from '../probing/answer.ts';
import type { Attempt } from '../probing/attempt.ts';
import { bodyText } from '../probing/body-text.ts';
import { CannotTell, TargetFailed } from '../probing/outcome.ts';
import { ask, askingOf, type Session, successOf } from './http-ask.ts';
import { type HttpConfig, type HttpStep, valuePlace } from './http-config.ts';
import { requestOf } from './http-request.ts';
import type { Verdict } from './kind.ts';

const longestCaptured = 8192;

/** Several requests, one after the other, with the cookies and captured values of those before. The first failure ends it. */
export const probeSteps = async (
  target: URL,
  config: HttpConfig,
  steps: readonly HttpStep[],
  attempt: Attempt,
): Promise<Verdict> => {
  const startedAt = performance.now();
  const session: Session = {};
  const captured = new Map<string, string>();
  let answer: Answer | undefined;
  for (const [at, step] of steps.entries()) {
    const isLast = at === steps.length - 1;
    const label = `step ${at + 1}${step.name === undefined ? '' : ` (${step.name})`}`;
    attempt.onDeadline((seconds) => `${label}: no answer within ${seconds} s`);
    const taken = await take(step, { target, config, isLast, session, captured }, attempt).catch(
      labelled(label),
    );
    answer = taken.answer;
    if (taken.fault !== undefined) {
      attempt.measured('total', performance.now() - startedAt);
      return { status: 'unhealthy', reason: `${label}: ${taken.fault}`, statusCode: answer.status };
    }
  }
  attempt.measured('total', performance.now() - startedAt);
  if (!answer) throw new CannotTell('the check has no steps');
  return successOf(answer, attempt);
};

type Place = {
  readonly target: URL;
  readonly config: HttpConfig;
  readonly isLast: boolean;
  readonly session: Session;
  readonly captured: Map<string, string>;
};

const take = async (
  step: HttpStep,
  { target, config, isLast, session, captured }: Place,
  attempt: Attempt,
): Promise<{ answer: Answer; fault?: string | undefined }> => {
  const sources = Object.entries(step.capture ?? {});
  const wanted = new Set<Placeholder>([
    ...placeholdersIn(step.conditions ?? []),
    ...sources.map(([, { of }]) => of),
  ]);
  const speaksOf = (placeholder: Placeholder) =>
    wanted.has(placeholder) || (isLast && attempt.wants(placeholder));
  const request = await requestOf(draftOf(step, target, config), attempt, captured);
  const askedAt = performance.now();
  const { answer, fault } = await ask(
    request,
    askingOf(config, step.expectedStatus, {
      judgesStatus: speaksOf('STATUS'),
      keepsBody: speaksOf('BODY'),
    }),
    session,
    attempt,
  );
  const tookMs = Math.round(performance.now() - askedAt);
  if (fault !== undefined) return { answer, fault };
  const facts: Facts = {
    STATUS: answer.status,
    HEADER: answer.headers,
    RESPONSE_TIME: tookMs,
    ...(wanted.has('BODY') && { BODY: await bodyText(answer) }),
  };
  // Captured before anything is reported, so that no reason shows what is captured.
  const missing = keepCaptured(sources, facts, captured, attempt);
  return { answer, fault: (await firstFailed(step.conditions ?? [], facts, attempt)) ?? missing };
};

/** What the check sends with every request goes only to the target's own origin. */
const draftOf = (step: HttpStep, target: URL, config: HttpConfig) => {
  const { method, body } = step;
  // Resolved with a harmless value in each place, so that braces survive the parser.
  const marked = new URL(step.url.replace(valuePlace, 'a'), target);
  const isOwn = marked.origin === target.origin;
  const own = new Set(Object.keys(step.headers).map((name) => name.toLowerCase()));
  const shared = Object.entries(isOwn ? config.headers : {}).filter(([name]) => !own.has(name.toLowerCase()));
  return {
    method,
    url: absolute(step.url, target),
    headers: { ...Object.fromEntries(shared), ...step.headers },
    body,
    auth: isOwn && !own.has('authorization') ? config.auth : undefined,
  };
};

/** The step's URL as a whole one, its places for values untouched. */
const absolute = (url: string, target: URL): string => {
  const places: string[] = [];
  const marked = url.replace(valuePlace, (place) => `homeostat-value-${places.push(place) - 1}-`);
  return new URL(marked, target).href.replace(
    /homeostat-value-(\d+)-/g,
    (mark, at: string) => places[Number(at)] ?? mark,
  );
};

/** Undefined, or what there was nothing to capture for. */
const keepCaptured = (
  sources: readonly (readonly [string, NonNullable<HttpStep['capture']>[string]])[],
  facts: Facts,
  captured: Map<string, string>,
  attempt: Attempt,
): string | undefined => {
  const read = readerOf(facts);
  let missing: string | undefined;
  for (const [name, source] of sources) {
    const value = read(source);
    const text = 'missing' in value ? undefined : plainText(value.is);
    if (text === undefined) {
      const why =
        'missing' in value ? value.missing : 'it is no text, number, true or false of a usual length';
      missing ??= `nothing to capture for ${name}: ${source.text}: ${why}`;
      continue;
    }
    captured.set(name, text);
    attempt.conceal(text);
  }
  return missing;
};

const plainText = (value: unknown): string | undefined => {
  const text = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
  return text === '' || text.length > longestCaptured ? undefined : text;
};

const labelled =
  (label: string) =>
  (error: unknown): never => {
    if (error instanceof TargetFailed) throw new TargetFailed(`${label}: ${error.message}`, error.how);
    if (error instanceof CannotTell) throw new CannotTell(`${label}: ${error.message}`, error);
    throw error;
  };
