import { useState } from 'preact/hooks';
import { useMay } from '../../client/hooks.ts';
import { useRead, useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { Ago } from '../../components/time.tsx';
import { ProblemNote } from '../../components/told.tsx';
import type { Remediation } from './words.ts';

/** Approve or reject this very plan, with a reason; both stand in the record. */
export const Decision = ({ remediation }: { readonly remediation: Remediation }) => {
  const { plan, approvals, approveBy } = remediation;
  const mayOperate = useMay('operate');
  const { data: stop } = useRead('stop', 'readRemediationStop', {});
  const [comment, setComment] = useState('');
  const approving = useWrite('approvePlan', ['remediations', 'incidents']);
  const rejecting = useWrite('rejectPlan', ['remediations', 'incidents']);
  const request = { params: { hash: plan.hash }, body: comment ? { comment } : {} };
  return (
    <Panel title="Waits for your decision">
      <p>
        {approvals.length} of {plan.approval.people} approved
        {approvals.length > 0 && `: ${approvals.map(({ by }) => by).join(', ')}`}.
        {plan.approval.by.length > 0 && ` It counts from ${plan.approval.by.join(', ')}.`}
        {plan.approval.anotherPerson && ' Whoever asked for it does not count.'}
        {approveBy && (
          <>
            {' '}
            Unless approved <Ago at={approveBy} />, it counts as rejected.
          </>
        )}
      </p>
      {stop?.isOn && (
        <p class="note problem" role="alert">
          All healing is stopped: approved now, it is held and ends. Let healing run again first.
        </p>
      )}
      {mayOperate ? (
        <>
          <TextField
            label="Why (stands in the record)"
            value={comment}
            onInput={setComment}
            maxLength={1000}
          />
          <div class="row">
            <Button look="primary" isBusy={approving.isPending} onClick={() => void approving.run(request)}>
              Approve this plan
            </Button>
            <Button look="danger" isBusy={rejecting.isPending} onClick={() => void rejecting.run(request)}>
              Reject
            </Button>
          </div>
        </>
      ) : (
        <p class="soft">A token with the scope operate may decide.</p>
      )}
      <ProblemNote error={approving.problem ?? rejecting.problem} />
    </Panel>
  );
};
