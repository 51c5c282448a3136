import type { Request } from '../../client/call.ts';

/** What a person asks for, as it is typed. */
export type Wish = {
  readonly deploymentId: string;
  readonly action: Request<'remediate'>['body']['action'];
  readonly resource: string;
  /** `name=value`, one a line. */
  readonly params: string;
};

const actions: readonly string[] = [
  'fix-drift',
  'restart',
  'scale',
  'rollback',
  'optimize-cost',
  'fix-compliance',
] satisfies Wish['action'][];
const isAction = (text: string): text is Wish['action'] => actions.includes(text);

/** From an address such as `#/remediations/ask?deployment=shop&resource=web&action=restart`: other pages link so. */
export const wishFrom = (hash: string): Wish => {
  const asked = new URLSearchParams(hash.split('?')[1] ?? '');
  const action = asked.get('action') ?? '';
  return {
    deploymentId: asked.get('deployment') ?? '',
    action: isAction(action) ? action : 'restart',
    resource: asked.get('resource') ?? '',
    params: '',
  };
};

/** `4` and `true` are a number and a truth value, as they are on the command line; all else is text. */
const scalarOf = (text: string): string | number | boolean => {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
};

export const wishBody = ({ action, resource, params }: Wish): Request<'remediate'>['body'] => {
  const given = params
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes('='))
    .map(
      (line) =>
        [
          line.slice(0, line.indexOf('=')).trim(),
          scalarOf(line.slice(line.indexOf('=') + 1).trim()),
        ] as const,
    );
  return {
    action,
    ...(resource.trim() && { resource: resource.trim() }),
    ...(given.length > 0 && { params: Object.fromEntries(given) }),
  };
};
