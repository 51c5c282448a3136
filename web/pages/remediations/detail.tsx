import { useContext, useState } from 'preact/hooks';
import { curlOf } from '../../client/call.ts';
import { useMay } from '../../client/hooks.ts';
import { useRead, useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { Pill, SeverityMark } from '../../components/status.tsx';
import { Ago, Exact, TimeZone } from '../../components/time.tsx';
import { readableInstants } from '../../components/time-text.ts';
import { ProblemNote, Told } from '../../components/told.tsx';
import type { RouteProps } from '../page.ts';
import { Decision } from './decision.tsx';
import { PlanShown } from './plan-shown.tsx';
import { Record } from './record.tsx';
import { Stages } from './stages.tsx';
import { isUnderWay, type Remediation, stagesOf, statusWords, workflowWords } from './words.ts';

/** While a workflow runs it is looked at this often; a poll of changes would be told only every few seconds. */
const underWayMs = 2000;

const RemediationPage = ({ params: { id } }: RouteProps<'id'>) => {
  const [everyMs, setEveryMs] = useState(underWayMs);
  const read = useRead('remediations', 'readRemediation', { params: { id } }, { everyMs });
  const isNow = read.data ? isUnderWay(read.data.status) : true;
  if (isNow !== (everyMs === underWayMs)) setEveryMs(isNow ? underWayMs : 60_000);
  return <Told read={read}>{(remediation) => <Shown remediation={remediation} />}</Told>;
};
export default RemediationPage;

const Shown = ({ remediation }: { readonly remediation: Remediation }) => {
  const { id, title, status, plan, holds, after } = remediation;
  const { word, tone } = statusWords[status];
  const timeZone = useContext(TimeZone);
  return (
    <div class="stack">
      <PageHead title={title} actions={<Actions remediation={remediation} />}>
        <Pill tone={tone}>{word}</Pill>
        <SeverityMark severity={remediation.severity} />
        {/* Several brakes make a long sentence: they stand below, a line each. */}
        <span>
          {status === 'held' && holds.length > 0
            ? 'nothing was changed: something held it back'
            : readableInstants(remediation.reason, timeZone)}
        </span>
      </PageHead>
      <div aria-live="polite">
        <Stages stages={stagesOf(remediation)} />
      </div>
      {status === 'waiting' && <Decision remediation={remediation} />}
      {holds.length > 0 && (
        <Panel title={status === 'held' ? 'What held it back' : 'What holds it back'}>
          <ul>
            {holds.map(({ brake, reason, untilAt }) => (
              <li key={brake}>
                <b>{brake.replaceAll('_', ' ')}</b>: {readableInstants(reason, timeZone)}
                {untilAt && (
                  <>
                    {' '}
                    (<Ago at={untilAt} />)
                  </>
                )}
              </li>
            ))}
          </ul>
          {status === 'held' && (
            <p>
              It does not begin anew by itself. When this is settled,{' '}
              <a href={askAgain(remediation)}>ask for it again</a>.
            </p>
          )}
        </Panel>
      )}
      <PlanShown plan={plan} progress={remediation.progress} />
      <Panel title="Who and when">
        <Facts
          facts={[
            ['What for', workflowWords[remediation.workflow]],
            ['Deployment', `${remediation.deploymentId} (${remediation.environment})`],
            ['Asked by', remediation.madeBy],
            ['Began', <Exact key="began" at={remediation.startedAt} />],
            remediation.endedAt !== null && ['Ended', <Exact key="ended" at={remediation.endedAt} />],
            ...remediation.approvals.map(
              ({ by, at, comment }) =>
                [
                  'Approved',
                  <span key={at}>
                    {by}, <Ago at={at} />
                    {comment && `: ${comment}`}
                  </span>,
                ] as const,
            ),
            remediation.rejectedBy !== null && ['Rejected by', remediation.rejectedBy],
            remediation.undoOf !== null && [
              'Takes back',
              <a key="of" href={`#/remediations/${remediation.undoOf}`}>
                {remediation.undoOf}
              </a>,
            ],
            remediation.undoneBy !== null && [
              'Taken back by',
              <a key="by" href={`#/remediations/${remediation.undoneBy}`}>
                {remediation.undoneBy}
              </a>,
            ],
            after.length > 0 && ['Found afterwards', <code key="after">{JSON.stringify(after)}</code>],
          ]}
        />
      </Panel>
      <Record id={id} isUnderWay={isUnderWay(status)} />
    </div>
  );
};

const askAgain = ({ deploymentId, plan }: Remediation): string => {
  const resource = plan.actions[0]?.resource.name;
  const query = new URLSearchParams({ deployment: deploymentId, ...(resource && { resource }) });
  return `#/remediations/ask?${query}`;
};

const Actions = ({ remediation }: { readonly remediation: Remediation }) => {
  const { id, status, plan } = remediation;
  const mayOperate = useMay('operate');
  const isUndoable =
    ['succeeded', 'failed', 'unknown'].includes(status) &&
    remediation.undoneBy === null &&
    plan.actions.some(({ undo }) => undo !== null);
  return (
    <>
      {mayOperate && (status === 'waiting' || status === 'approved') && <Cancel id={id} />}
      {mayOperate && isUndoable && <Undo id={id} />}
      <Copy text={() => curlOf('readRemediation', { params: { id } })}>Copy as curl</Copy>
    </>
  );
};

const Cancel = ({ id }: { readonly id: string }) => {
  const [isAsking, setAsking] = useState(false);
  const [comment, setComment] = useState('');
  const cancelling = useWrite('cancelRemediation', ['remediations']);
  const cancel = async (): Promise<void> => {
    if (await cancelling.run({ params: { id }, body: comment ? { comment } : {} })) setAsking(false);
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>Call it off …</Button>
      {isAsking && (
        <ConfirmDialog
          title="Call it off before anything is changed?"
          confirm="Call it off"
          isDangerous
          isBusy={cancelling.isPending}
          onConfirm={() => void cancel()}
          onClose={() => setAsking(false)}
        >
          <TextField label="Why (optional)" value={comment} onInput={setComment} />
          <ProblemNote error={cancelling.problem} />
        </ConfirmDialog>
      )}
    </>
  );
};

const Undo = ({ id }: { readonly id: string }) => {
  const [isAsking, setAsking] = useState(false);
  const trying = useWrite('undoRemediation', []);
  const undoing = useWrite('undoRemediation', ['remediations']);
  const [plan, setPlan] = useState<Remediation['plan']>();
  const ask = async (): Promise<void> => {
    setAsking(true);
    setPlan(undefined);
    const tried = await trying.run({ params: { id }, body: { dryRun: true } });
    if (tried) setPlan(tried.plan);
  };
  const undo = async (): Promise<void> => {
    const made = await undoing.run({ params: { id } });
    if (!made) return;
    setAsking(false);
    if (made.remediationId !== null) window.location.hash = `/remediations/${made.remediationId}`;
  };
  return (
    <>
      <Button onClick={() => void ask()}>Undo</Button>
      {isAsking && (
        <ConfirmDialog
          title="The way back is a plan of its own"
          confirm="Plan the way back"
          isBusy={undoing.isPending || trying.isPending}
          onConfirm={() => void undo()}
          onClose={() => setAsking(false)}
        >
          {plan ? (
            <PlanShown plan={plan} />
          ) : (
            !trying.problem && <p class="soft">Reading what is there now …</p>
          )}
          <ProblemNote error={trying.problem ?? undoing.problem} />
        </ConfirmDialog>
      )}
    </>
  );
};
