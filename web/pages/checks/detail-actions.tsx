import { useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { curlOf } from '../../client/call.ts';
import type { Check } from '../../client/checks.ts';
import { useMay } from '../../client/hooks.ts';
import { useWrite } from '../../client/queries.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/told.tsx';
import { LookNow } from './look-now.tsx';

/** What may be done with a check: what the token may, and what the file leaves. */
export const DetailActions = ({ check }: { readonly check: Check }) => {
  const mayOperate = useMay('operate');
  const mayWrite = useMay('write') && check.managedBy !== 'file';
  const isLookedAt = !check.isPaused && check.isActive;
  return (
    <>
      {mayOperate && isLookedAt && <LookNow id={check.id} />}
      {mayOperate && <Pause check={check} />}
      {mayOperate && <ButtonLink href={`#/silences?new&checkId=${check.id}`}>Silence</ButtonLink>}
      {mayWrite && <ButtonLink href={`#/checks/${check.id}/edit`}>Edit</ButtonLink>}
      <Copy text={() => curlOf('readCheck', { params: { id: check.id } })}>Copy as curl</Copy>
      {mayWrite && <Remove check={check} />}
    </>
  );
};

const Pause = ({ check: { id, name, isPaused } }: { readonly check: Check }) => {
  const [isAsking, setAsking] = useState(false);
  const pausing = useWrite('pauseCheck', ['checks']);
  const resuming = useWrite('resumeCheck', ['checks']);
  const act = isPaused ? resuming : pausing;
  const confirm = async (): Promise<void> => {
    if (await act.run({ params: { id } })) setAsking(false);
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>{isPaused ? 'Resume' : 'Pause'}</Button>
      {isAsking && (
        <ConfirmDialog
          title={isPaused ? `Look at ${name} again?` : `Pause ${name}?`}
          confirm={isPaused ? 'Resume' : 'Pause'}
          isBusy={act.isPending}
          onConfirm={() => void confirm()}
          onClose={() => setAsking(false)}
        >
          <p>
            {isPaused
              ? 'It is looked at within its interval; its counters begin anew.'
              : 'It is not looked at until it is resumed: nobody is told of trouble, and the time is a gap in its uptime.'}
          </p>
          <ProblemNote error={act.problem} />
        </ConfirmDialog>
      )}
    </>
  );
};

const Remove = ({ check: { id, name, revision } }: { readonly check: Check }) => {
  const [isAsking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const client = useQueryClient();
  const removing = useWrite('removeCheck', []);
  const close = (): void => {
    setAsking(false);
    setTyped('');
    removing.reset();
  };
  const remove = async (): Promise<void> => {
    if (typed.trim() !== name) return;
    if (!(await removing.run({ params: { id } }, { revision }))) return;
    // Only the list is asked for anew: what this page shows of the check is there no more.
    void client.invalidateQueries({ queryKey: ['checks', 'listChecks'] });
    window.location.hash = '/checks';
  };
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        Delete
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`Delete ${name}?`}
          confirm="Delete the check"
          isDangerous
          isBusy={removing.isPending}
          onConfirm={() => void remove()}
          onClose={close}
        >
          <p>It is not looked at any more, and what fires of it ends.</p>
          <TextField
            label="Type its name"
            hint={name}
            value={typed}
            autocomplete="off"
            fault={typed !== '' && !name.startsWith(typed.trim()) ? 'This is not its name.' : undefined}
            onInput={setTyped}
          />
          <ProblemNote error={removing.problem} />
        </ConfirmDialog>
      )}
    </>
  );
};
