import { Diff } from '../../components/diff.tsx';
import { changesOf } from '../../components/diff-rows.ts';
import { Facts, Panel } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { durationText } from '../../components/time-text.ts';
import { type Plan, progressWords, type Remediation } from './words.ts';

const riskTones = { low: 'plain', medium: 'warn', high: 'bad' } as const;

type Action = Plan['actions'][number];

const undoText = ({ undo }: Action): string => {
  if (undo === null) return 'cannot be taken back';
  const given = Object.entries(undo.params).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return given.length > 0 ? `${undo.kind}: ${given.join(', ')}` : undo.kind;
};

const permissionsText = ({ permissions }: Action): string =>
  permissions.length === 0
    ? 'no call to AWS'
    : permissions
        .map(({ actions, resources }) => `${actions.join(', ')} on ${resources.join(', ')}`)
        .join('; ');

const proofText = ({ verification: { checkIds, afterSeconds, deadlineSeconds } }: Plan): string =>
  checkIds.length === 0
    ? `the resource itself shows the change, looked at after ${durationText(afterSeconds)} and until ${durationText(deadlineSeconds)}`
    : `${checkIds.length === 1 ? 'its check is' : `its ${checkIds.length} checks are`} healthy again, looked at after ${durationText(afterSeconds)} and until ${durationText(deadlineSeconds)}`;

type PlanShownProps = { readonly plan: Plan; readonly progress?: Remediation['progress'] };

/** Exactly what would be changed: each action with what is, what will be, its undo, risk and permissions. */
export const PlanShown = ({ plan, progress = [] }: PlanShownProps) => (
  <>
    {plan.actions.map((action, at) => {
      const step = progress[at];
      return (
        <Panel
          key={`${action.kind}${action.resource.id}`}
          title={action.summary}
          actions={
            <>
              {step && <Pill tone={progressWords[step.state].tone}>{progressWords[step.state].word}</Pill>}
              <Pill tone={riskTones[action.risk]}>{`${action.risk} risk`}</Pill>
            </>
          }
        >
          <Diff
            rows={changesOf(action.before, action.expected, { isPartial: true })}
            caption={`What ${action.summary} changes`}
          />
          {step?.reason && <p>{step.reason}</p>}
          <Facts
            facts={[
              ['Resource', `${action.resource.name} (${action.resource.type} ${action.resource.id})`],
              ['Action', action.kind],
              ['Undo', undoText(action)],
              ['May do', permissionsText(action)],
            ]}
          />
        </Panel>
      );
    })}
    <Panel title="Why, and what proves it">
      <Facts
        facts={[
          ['Found', plan.occasion.title],
          [
            'Policy',
            plan.policy
              ? `${plan.policy.name}, revision ${plan.policy.revision}`
              : 'none speaks of it: a person asked',
          ],
          ['Proof', proofText(plan)],
          ['Tried', plan.attempts.max > 1 ? `up to ${plan.attempts.max} times` : 'once'],
          plan.savingsUsdPerMonth !== null && [
            'Saves',
            `about ${plan.savingsUsdPerMonth.toFixed(2)} USD a month`,
          ],
          ['Plan', <code key="hash">{plan.hash}</code>],
        ]}
      />
    </Panel>
  </>
);
