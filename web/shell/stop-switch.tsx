import { useState } from 'preact/hooks';
import { useMay } from '../client/hooks.ts';
import { useRead, useWrite } from '../client/queries.ts';
import { ConfirmDialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { Ago } from '../components/time.tsx';
import { ProblemNote } from '../components/told.tsx';

/** Always in sight: whether remediation may change anything, and the way to stop it at once. */
export const StopSwitch = () => {
  const { data: stop } = useRead('stop', 'readRemediationStop', {});
  const mayOperate = useMay('operate');
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const stopping = useWrite('stopRemediation', ['stop', 'remediations']);
  const resuming = useWrite('resumeRemediation', ['stop', 'remediations']);
  if (!stop) return null;
  const isStopped = stop.isOn;
  const act = isStopped ? resuming : stopping;
  const close = (): void => {
    setAsking(false);
    setReason('');
    stopping.reset();
    resuming.reset();
  };
  const confirm = async (): Promise<void> => {
    const done = isStopped ? await resuming.run({}) : await stopping.run({ body: reason ? { reason } : {} });
    if (done !== undefined) close();
  };
  return (
    <>
      <button
        type="button"
        class={`stop-switch ${isStopped ? 'stopped' : ''}`}
        disabled={!mayOperate}
        title={mayOperate ? undefined : 'A token with the scope operate may change this'}
        onClick={() => setAsking(true)}
      >
        <span aria-hidden="true">{isStopped ? '▶' : '■'}</span>
        <span>{isStopped ? 'Healing is stopped' : 'Stop healing'}</span>
      </button>
      {isAsking && (
        <ConfirmDialog
          title={isStopped ? 'Let healing run again?' : 'Stop all healing now?'}
          confirm={isStopped ? 'Let it run' : 'Stop'}
          isDangerous={!isStopped}
          isBusy={act.isPending}
          onConfirm={() => void confirm()}
          onClose={close}
        >
          {isStopped ? (
            <p>
              Stopped{stop.by && ` by ${stop.by}`}
              {stop.at && (
                <>
                  {' '}
                  <Ago at={stop.at} />
                </>
              )}
              {stop.reason && `: ${stop.reason}`}. Plans that wait begin to run again as their policies say.
            </p>
          ) : (
            <>
              <p>Nothing is changed any more until somebody lets it run again. Watching and telling go on.</p>
              <TextField label="Why (optional)" value={reason} onInput={setReason} />
            </>
          )}
          <ProblemNote error={act.problem} />
        </ConfirmDialog>
      )}
    </>
  );
};
