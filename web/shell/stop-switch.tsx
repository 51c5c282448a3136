import { useState } from 'preact/hooks';
import { useMay } from '../client/hooks.ts';
import { useRead, useWrite } from '../client/queries.ts';
import { ConfirmDialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { Ago } from '../components/time.tsx';
import { ProblemNote } from '../components/told.tsx';

/** Always in sight: whether remediation may change anything, and the way to stop it at once. */
export const StopSwitch = () => {
  const { data: stop, error } = useRead('stop', 'readRemediationStop', {});
  const mayOperate = useMay('operate');
  // What was asked for stays what is confirmed, also when somebody else turned the switch meanwhile.
  const [asked, setAsked] = useState<'stop' | 'resume'>();
  const [reason, setReason] = useState('');
  const stopping = useWrite('stopRemediation', ['stop', 'remediations']);
  const resuming = useWrite('resumeRemediation', ['stop', 'remediations']);
  // How it stands may not be known: it can be stopped all the same.
  const isStopped = stop?.isOn ?? false;
  const isKnown = stop !== undefined || error !== null;
  const isStop = asked === 'stop';
  const act = isStop ? stopping : resuming;
  const close = (): void => {
    setAsked(undefined);
    setReason('');
    stopping.reset();
    resuming.reset();
  };
  const confirm = async (): Promise<void> => {
    const done = isStop ? await stopping.run({ body: reason ? { reason } : {} }) : await resuming.run({});
    if (done !== undefined) close();
  };
  return (
    <>
      <button
        type="button"
        class={`stop-switch ${isStopped ? 'stopped' : ''}`}
        disabled={!mayOperate || !isKnown}
        title={mayOperate ? undefined : 'A token with the scope operate may change this'}
        onClick={() => setAsked(isStopped ? 'resume' : 'stop')}
      >
        <span aria-hidden="true">{isStopped ? '▶' : '■'}</span>
        <span>{isStopped ? 'Healing is stopped' : 'Stop healing'}</span>
      </button>
      {asked && (
        <ConfirmDialog
          title={isStop ? 'Stop all healing now?' : 'Let healing run again?'}
          confirm={isStop ? 'Stop' : 'Let it run'}
          isDangerous={isStop}
          isBusy={act.isPending}
          onConfirm={() => void confirm()}
          onClose={close}
        >
          {isStop ? (
            <>
              <p>Nothing is changed any more until somebody lets it run again. Watching and telling go on.</p>
              <TextField label="Why (optional)" value={reason} onInput={setReason} />
            </>
          ) : (
            <p>
              {stop?.isOn ? (
                <>
                  Stopped{stop.by && ` by ${stop.by}`}
                  {stop.at && (
                    <>
                      {' '}
                      <Ago at={stop.at} />
                    </>
                  )}
                  {stop.reason && `: ${stop.reason}`}.
                </>
              ) : (
                'Somebody else let it run meanwhile.'
              )}{' '}
              Plans that wait begin to run again as their policies say.
            </p>
          )}
          <ProblemNote error={act.problem} />
        </ConfirmDialog>
      )}
    </>
  );
};
