import { useState } from 'preact/hooks';
import { type Answer, curlOf, type Request } from '../../client/call.ts';
import { useList, useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { Facts, Panel } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { ProblemNote } from '../../components/told.tsx';
import { outcomeWords } from './words.ts';

type Kind = NonNullable<Request<'explainPolicies'>['body']['finding']>['kind'];
const kinds: readonly Kind[] = [
  'unhealthy',
  'exhausted',
  'drift',
  'violation',
  'cost',
  'idle',
  'oversized',
  'release',
];
const severities = ['info', 'warning', 'error', 'critical'] as const;

/** What would be done about a finding, what holds it back, and why. Changes nothing. */
export const Explain = () => {
  const deployments = useList('deployments', 'listDeployments', { limit: 200 }, { all: true });
  const [kind, setKind] = useState<Kind>('unhealthy');
  const [severity, setSeverity] = useState<(typeof severities)[number]>('error');
  const [chosen, setChosen] = useState('');
  const [resource, setResource] = useState('');
  const explaining = useWrite('explainPolicies', []);
  const [told, setTold] = useState<Answer<'explainPolicies'>>();
  const deploymentId = chosen || deployments.items?.[0]?.deploymentId || '';
  const request: Request<'explainPolicies'> = {
    body: { deploymentId, finding: { kind, severity, resource: resource.trim() } },
  };
  return (
    <Panel title="What would happen if …">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void explaining.run(request).then(setTold);
        }}
      >
        <div class="columns">
          <SelectField
            label="Something is found that is"
            value={kind}
            options={kinds}
            onChange={(value) => setKind(value as Kind)}
          />
          <SelectField
            label="of the severity"
            value={severity}
            options={severities}
            onChange={(value) => setSeverity(value as typeof severity)}
          />
          <SelectField
            label="in the deployment"
            value={deploymentId}
            options={deployments.items?.map((one) => one.deploymentId) ?? []}
            onChange={setChosen}
          />
          <TextField label="at the resource" required value={resource} onInput={setResource} />
        </div>
        <div class="row">
          <Button type="submit" isBusy={explaining.isPending} disabled={deploymentId === ''}>
            Explain
          </Button>
          <Copy text={() => curlOf('explainPolicies', request)}>Copy as curl</Copy>
        </div>
        <ProblemNote error={explaining.problem} />
      </form>
      {told && <Told told={told} />}
    </Panel>
  );
};

const Told = ({ told }: { readonly told: Answer<'explainPolicies'> }) => (
  <div class="stack" aria-live="polite">
    <div class="row">
      <Pill tone={outcomeWords[told.outcome].tone}>{outcomeWords[told.outcome].word}</Pill>
      <span>{told.summary}</span>
    </div>
    <Facts
      facts={[
        ['Policy', told.decision.policy?.name ?? 'none'],
        told.decision.action !== null && ['Action', told.decision.action],
        told.decision.approval !== null && ['Approval', told.decision.approval],
        ['Why', told.decision.reason],
        told.refused !== null && ['Refused', told.refused],
      ]}
    />
    {told.holds.length > 0 && (
      <ul>
        {told.holds.map(({ brake, reason }) => (
          <li key={brake}>
            <b>{brake.replaceAll('_', ' ')}</b>: {reason}
          </li>
        ))}
      </ul>
    )}
    {told.considered.length > 0 && (
      <details>
        <summary>Policies that were considered</summary>
        <ul>
          {told.considered.map(({ policy, isMatch, reason }) => (
            <li key={policy.id}>
              <a href={`#/policies/${policy.id}`}>{policy.name}</a>: {isMatch ? 'speaks of it' : 'does not'},{' '}
              {reason}
            </li>
          ))}
        </ul>
      </details>
    )}
  </div>
);
