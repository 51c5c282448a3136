import { useQueryClient } from '@tanstack/preact-query';
import { useEffect, useState } from 'preact/hooks';
import { useRead, useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { StatusMark } from '../../components/status.tsx';
import { milliseconds } from '../../components/time-text.ts';
import { ProblemNote, Waiting } from '../../components/told.tsx';
import { Phases } from './trial.tsx';

/** Has it looked at beside its schedule, and follows that until its result is there, or is known to be lost. */
export const LookNow = ({ id }: { readonly id: string }) => {
  const running = useWrite('runCheck', []);
  const [runId, setRunId] = useState<string>();
  const [isOpen, setOpen] = useState(false);
  const look = async (): Promise<void> => {
    setRunId(undefined);
    setOpen(true);
    const run = await running.run({ params: { id } });
    if (run) setRunId(run.runId);
  };
  return (
    <>
      <Button look="primary" isBusy={running.isPending} onClick={() => void look()}>
        Look now
      </Button>
      {isOpen && (
        <Dialog title="Look now" onClose={() => setOpen(false)}>
          <ProblemNote error={running.problem} />
          {runId !== undefined ? (
            <Run id={id} runId={runId} />
          ) : (
            !running.problem && <Waiting what="Asking for it" />
          )}
        </Dialog>
      )}
    </>
  );
};

const Run = ({ id, runId }: { readonly id: string; readonly runId: string }) => {
  const client = useQueryClient();
  const [isOver, setOver] = useState(false);
  const read = useRead('checks', 'readRun', { params: { id, runId } }, { everyMs: isOver ? false : 1000 });
  const state = read.data?.state;
  useEffect(() => {
    if (state !== 'done' && state !== 'lost') return;
    setOver(true);
    // The look counts as any other: what is told of the check is another now.
    void client.invalidateQueries({ queryKey: ['checks', 'listResults'] });
    void client.invalidateQueries({ queryKey: ['checks', 'readCheck'] });
  }, [state, client]);
  const result = read.data?.result;
  return (
    <div class="stack" role="status">
      <ProblemNote error={read.error} />
      {(state === undefined || state === 'waiting') && !read.error && <Waiting what="Looking" />}
      {state === 'lost' && <p>No result came: the look was lost. Try again.</p>}
      {result && (
        <>
          <p class="row">
            <StatusMark status={result.status} />
            <span>{result.reason ?? 'It answered as it should.'}</span>
          </p>
          <p class="small soft">
            {milliseconds(result.responseTime)}
            {result.statusCode !== undefined && ` · status code ${result.statusCode}`}
            {` · ${result.attempts} ${result.attempts === 1 ? 'attempt' : 'attempts'}`}
          </p>
          <Phases phases={result.phases} />
          <p class="small soft">It counts like any other look.</p>
        </>
      )}
    </div>
  );
};
