import { useId } from 'preact/hooks';
import type { Fault } from '../../client/problem.ts';
import { useList } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import type { Operator } from '../../components/matcher-text.ts';
import type { Draft } from './standing.ts';

const operators: readonly { readonly value: Operator; readonly label: string }[] = [
  { value: '=', label: 'is' },
  { value: '!=', label: 'is not' },
  { value: '=~', label: 'is like' },
  { value: '!~', label: 'is not like' },
];

const usualLabels = ['deployment', 'check', 'type', 'target', 'rule', 'ruleType', 'severity', 'subject'];
const severities = ['critical', 'error', 'warning', 'info'];

type MatcherRowsProps = {
  readonly drafts: readonly Draft[];
  readonly faults: readonly Fault[];
  onChange(drafts: readonly Draft[]): void;
};

/** What must hold for an alert to be silenced, a line each, with what there is as suggestions. */
export const MatcherRows = ({ drafts, faults, onChange }: MatcherRowsProps) => {
  const id = useId();
  const deploymentId = drafts.find(
    ({ label, operator }) => label === 'deployment' && operator === '=',
  )?.value;
  const suggestions = useSuggestions(deploymentId);
  const change = (key: number, part: Partial<Draft>): void =>
    onChange(drafts.map((draft) => (draft.key === key ? { ...draft, ...part } : draft)));
  const add = (): void => {
    const key = Math.max(0, ...drafts.map((draft) => draft.key)) + 1;
    const label = usualLabels.find((one) => !drafts.some((draft) => draft.label === one)) ?? '';
    onChange([...drafts, { key, label, operator: '=', value: '' }]);
  };
  return (
    <fieldset class="silences-matchers">
      <legend>Alerts for which all of this holds</legend>
      <datalist id={`${id}-labels`}>
        {usualLabels.map((label) => (
          <option key={label} value={label} />
        ))}
      </datalist>
      {drafts.map((draft, at) => (
        <div key={draft.key} class="silences-matcher">
          <input
            aria-label="Label"
            list={`${id}-labels`}
            value={draft.label}
            required
            placeholder="deployment, tag.team …"
            onInput={(event) => change(draft.key, { label: event.currentTarget.value })}
          />
          <select
            aria-label="How it is compared"
            value={draft.operator}
            onChange={(event) => change(draft.key, { operator: event.currentTarget.value as Operator })}
          >
            {operators.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
          <input
            aria-label={`Value of ${draft.label || 'the label'}`}
            list={`${id}-values-${draft.key}`}
            value={draft.value}
            maxLength={400}
            placeholder={draft.operator.endsWith('~') ? 'pattern of the whole value: home.*' : 'value'}
            onInput={(event) => change(draft.key, { value: event.currentTarget.value })}
          />
          <datalist id={`${id}-values-${draft.key}`}>
            {(suggestions[draft.label] ?? []).map((value) => (
              <option key={value} value={value} />
            ))}
          </datalist>
          <Button
            aria-label={`Remove ${draft.label || 'this line'}`}
            disabled={drafts.length === 1}
            onClick={() => onChange(drafts.filter(({ key }) => key !== draft.key))}
          >
            ✕
          </Button>
          {faults
            .filter(({ path }) => path.startsWith(`matchers[${at}]`) || path.startsWith(`matchers.${at}`))
            .map(({ path, message }) => (
              <p key={path} class="silences-fault">
                {message}
              </p>
            ))}
        </div>
      ))}
      {faults
        .filter(({ path }) => path === 'matchers')
        .map(({ message }) => (
          <p key={message} class="silences-fault">
            {message}
          </p>
        ))}
      <div>
        <Button onClick={add} disabled={drafts.length >= 20}>
          Add a condition
        </Button>
      </div>
    </fieldset>
  );
};

/** Values of usual labels. Hints only: what they leave out may be typed. */
const useSuggestions = (deploymentId: string | undefined): Readonly<Record<string, readonly string[]>> => {
  const deployments = useList('deployments', 'listDeployments', { limit: 200 });
  const checks = useList('checks', 'listChecks', { limit: 200, ...(deploymentId && { deploymentId }) });
  const rules = useList('rules', 'listRules', { limit: 100 });
  const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();
  return {
    deployment: distinct(deployments.items?.map((one) => one.deploymentId) ?? []),
    check: distinct(checks.items?.map((one) => one.name) ?? []),
    target: distinct(checks.items?.map((one) => one.target) ?? []),
    type: distinct(checks.items?.map((one) => one.type) ?? []),
    rule: distinct(rules.items?.map((one) => one.name) ?? []),
    severity: severities,
  };
};
