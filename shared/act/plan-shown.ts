import type { Json, PlannedAction, Remediation } from '../remediation/index.ts';
import { instantShown, personShown } from './incident-shown.ts';
import type { PlanShown } from './page.ts';

/** The whole is in the API; nobody reads more on a page before deciding. */
const mostRows = 30;

const workflowWords = {
  heal: 'Heal a service',
  drift: 'Put drift right',
  cost: 'Save cost',
  rollback: 'Roll back',
  scale: 'Scale',
} as const;

/** A remediation as the page shows it: what would be changed, from what to what, how it is undone, and what it may do. */
export const planShown = (remediation: Remediation): PlanShown => {
  const { plan, approvals } = remediation;
  const { approval, occasion, verification } = plan;
  return {
    title: occasion.title,
    severity: occasion.severity,
    status: remediation.status,
    facts: [
      ['Deployment', plan.deploymentId],
      ['Environment', plan.environment],
      ['What for', workflowWords[plan.workflow]],
      ['Policy', plan.policy?.name ?? 'none speaks of it: a person asked'],
      ['Asked by', personShown(plan.madeBy)],
      ['Planned', instantShown(plan.madeAt)],
      ...(remediation.approveBy === undefined
        ? []
        : ([
            ['Approve by', `${instantShown(remediation.approveBy)}; after that it counts as rejected`],
          ] as const)),
      ['Approvals', approvalsShown(approval.people, approvals)],
      ['Proof', proofOf(plan.verification)],
      ...(plan.savingsUsdPerMonth === undefined
        ? []
        : ([['Saves', `about ${plan.savingsUsdPerMonth.toFixed(2)} USD a month`]] as const)),
      ['Plan', plan.hash],
    ],
    actions: plan.actions.map(actionShown),
    attempts:
      plan.attempts.max > 1
        ? `Tried up to ${plan.attempts.max} times when the checks stay red within ${verification.deadlineSeconds} s.`
        : 'Tried once.',
  };
};

const approvalsShown = (people: number, given: Remediation['approvals']): string => {
  const names = given.map(({ by }) => personShown(by)).join(', ');
  return `${given.length} of ${people}${names === '' ? '' : `: ${names}`}`;
};

const proofOf = ({ checkIds, afterSeconds, deadlineSeconds }: Remediation['plan']['verification']): string =>
  checkIds.length === 0
    ? `the resource itself shows the change, looked at ${afterSeconds} s later and until ${deadlineSeconds} s`
    : `${checkIds.length === 1 ? 'its check is' : `its ${checkIds.length} checks are`} healthy again, looked at ${afterSeconds} s later and until ${deadlineSeconds} s`;

const actionShown = (action: PlannedAction): PlanShown['actions'][number] => ({
  summary: action.summary,
  facts: [
    ['Resource', `${action.resource.name} (${action.resource.type} ${action.resource.id})`],
    ['Action', action.kind],
    ['Risk', action.risk],
    ['Undo', action.undo === undefined ? 'cannot be taken back' : undoShown(action.undo)],
    ['May do', permissionsShown(action.permissions)],
  ],
  risk: action.risk,
  ...changesShown(action.before, action.expected),
});

const undoShown = ({ kind, params }: NonNullable<PlannedAction['undo']>): string => {
  const given = Object.entries(params).map(([name, value]) => `${name} ${textOf(value)}`);
  return given.length === 0 ? kind : `${kind}: ${given.join(', ')}`;
};

const permissionsShown = (permissions: PlannedAction['permissions']): string =>
  permissions.length === 0
    ? 'no call to AWS'
    : permissions
        .map(({ actions, resources }) => `${actions.join(', ')} on ${resources.join(', ')}`)
        .join('; ');

type Row = { readonly name: string; readonly before: string; readonly after: string };

/** Every value that stands in either picture, with its path; what changes comes first. */
export const changesShown = (
  before: Json,
  after: Json,
): { readonly rows: readonly (Row & { readonly isChanged: boolean })[]; readonly others: number } => {
  const [was, will] = [valuesIn(before), valuesIn(after)];
  const rows = [...new Set([...was.keys(), ...will.keys()])].map((name) => {
    const row = { name, before: was.get(name) ?? '–', after: will.get(name) ?? '–' };
    return { ...row, isChanged: row.before !== row.after };
  });
  const sorted = [
    ...rows.filter(({ isChanged }) => isChanged),
    ...rows.filter(({ isChanged }) => !isChanged),
  ];
  return { rows: sorted.slice(0, mostRows), others: Math.max(0, sorted.length - mostRows) };
};

const valuesIn = (value: Json, path = ''): Map<string, string> => {
  if (value === null || typeof value !== 'object' || Object.keys(value).length === 0)
    return new Map([[path === '' ? 'state' : path, textOf(value)]]);
  const isList = Array.isArray(value);
  return new Map(
    Object.entries(value as Readonly<Record<string, Json>>).flatMap(([name, inner]) => [
      ...valuesIn(inner, isList ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`),
    ]),
  );
};

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
