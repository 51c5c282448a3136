import { useState } from 'preact/hooks';
import { type Answer, curlOf, type Request } from '../../client/call.ts';
import { useIdentity } from '../../client/hooks.ts';
import { newIdempotencyKey } from '../../client/idempotency.ts';
import { useList, useWrite } from '../../client/queries.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { Empty, ProblemNote } from '../../components/told.tsx';
import { PlanShown } from './plan-shown.tsx';
import { type Wish, wishBody, wishFrom } from './wish.ts';

const actions = [
  { value: 'restart', label: 'Restart a resource' },
  { value: 'scale', label: 'Scale a resource' },
  { value: 'rollback', label: 'Roll a resource back' },
  { value: 'fix-drift', label: 'Put drift right' },
  { value: 'fix-compliance', label: 'Put a violation right' },
  { value: 'optimize-cost', label: 'Save cost' },
] as const;

/** A person asks for a remedy: first the plan, from what is there now; then it waits for approval as its policy says. */
const AskPage = () => {
  const deployments = useList('deployments', 'listDeployments', { limit: 200 }, { all: true });
  const [wish, setWish] = useState<Wish>(() => wishFrom(window.location.hash));
  const planning = useWrite('remediate', []);
  const asking = useWrite('remediate', ['remediations']);
  const [planned, setPlanned] = useState<Answer<'remediate'>>();
  // One asking however often it is sent. The same plan may be asked for again once the first one ended.
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const scopes = useIdentity()?.scopes;
  const change = (part: Partial<Wish>): void => {
    setWish({ ...wish, ...part });
    setPlanned(undefined);
    planning.reset();
    asking.reset();
  };
  const deploymentId = wish.deploymentId || deployments.items?.[0]?.deploymentId || '';
  const listed = deployments.items?.find((one) => one.deploymentId === deploymentId)?.resources ?? [];
  // What a link names stands there too, before the list was read.
  const resources = [...new Set([...listed.map(({ name }) => name), wish.resource].filter(Boolean))];
  const request = (dryRun: boolean): Request<'remediate'> => ({
    params: { deploymentId },
    body: { ...wishBody(wish), ...(dryRun && { dryRun }) },
  });
  const plan = async (): Promise<void> => {
    setIdempotencyKey(newIdempotencyKey());
    setPlanned(await planning.run(request(true)));
  };
  const ask = async (): Promise<void> => {
    const made = await asking.run(request(false), { idempotencyKey });
    if (made?.remediationId) window.location.hash = `/remediations/${made.remediationId}`;
  };
  const faultOf = (path: string): string | undefined =>
    planning.problem?.faults.find((fault) => fault.path === path)?.message;
  if (scopes && !scopes.includes('operate')) {
    return (
      <div class="stack">
        <PageHead title="Ask for a remedy" />
        <Empty
          title="This token may not ask for remedies"
          action={<ButtonLink href="#/remediations">To the remediations</ButtonLink>}
        >
          Ask somebody whose token has the scope «operate».
        </Empty>
      </div>
    );
  }
  if (deployments.items?.length === 0) {
    return (
      <div class="stack">
        <PageHead title="Ask for a remedy" />
        <Empty title="There is no deployment yet">
          Register one with its resources: see <a href="#/deployments">deployments</a>.
        </Empty>
      </div>
    );
  }
  return (
    <div class="stack">
      <PageHead title="Ask for a remedy">Nothing is changed before the plan was shown and approved.</PageHead>
      <Panel>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void plan();
          }}
        >
          <div class="columns">
            <SelectField
              label="Deployment"
              value={deploymentId}
              options={deployments.items?.map((one) => one.deploymentId) ?? []}
              onChange={(value) => change({ deploymentId: value, resource: '' })}
            />
            <SelectField
              label="What"
              value={wish.action}
              options={actions}
              onChange={(value) => change({ action: value as Wish['action'] })}
            />
            <SelectField
              label="Resource"
              hint={
                resources.length === 0
                  ? 'This deployment lists none: register it with its resources'
                  : 'Which of the deployment; may be left open where only one fits'
              }
              value={wish.resource}
              options={[{ value: '', label: 'the one that fits' }, ...resources]}
              fault={faultOf('resource')}
              onChange={(resource) => change({ resource })}
            />
            <TextField
              label="Parameters"
              hint="What the action needs, one a line: desired=4"
              lines={2}
              value={wish.params}
              fault={faultOf('params')}
              onInput={(params) => change({ params })}
            />
          </div>
          <div class="row">
            <Button type="submit" look="primary" isBusy={planning.isPending} disabled={deploymentId === ''}>
              Show the plan
            </Button>
            <Copy text={() => curlOf('remediate', request(true))}>Copy as curl</Copy>
          </div>
          <ProblemNote error={planning.problem ?? deployments.error} />
        </form>
      </Panel>
      {planned && (
        <>
          <p>{planned.reason}</p>
          <PlanShown plan={planned.plan} />
          <div class="row">
            <Button look="primary" isBusy={asking.isPending} onClick={() => void ask()}>
              Ask for it
            </Button>
            <span class="soft small">It then waits for approval, as its policy says.</span>
          </div>
          <ProblemNote error={asking.problem} />
        </>
      )}
    </div>
  );
};
export default AskPage;
