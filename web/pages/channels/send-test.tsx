import './channels.css';
import { useState } from 'preact/hooks';
import { useRead, useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/told.tsx';

/** Sends a test now, and follows whether the channel took it. */
export const SendTest = ({ id, name }: { readonly id: string; readonly name: string }) => {
  const [testId, setTestId] = useState<string>();
  const sending = useWrite('testChannel', []);
  const send = async (): Promise<void> => {
    setTestId(undefined);
    const begun = await sending.run({ params: { id } });
    if (begun) setTestId(begun.testId);
  };
  return (
    <span class="row">
      <Button isBusy={sending.isPending} onClick={() => void send()} aria-label={`Send a test to ${name}`}>
        Send a test
      </Button>
      <ProblemNote error={sending.problem} />
      {testId !== undefined && <Outcome id={id} testId={testId} />}
    </span>
  );
};

const Outcome = ({ id, testId }: { readonly id: string; readonly testId: string }) => {
  const [isOver, setOver] = useState(false);
  const read = useRead(
    'notifications',
    'readChannelTest',
    { params: { id, testId } },
    { everyMs: isOver ? false : 1000 },
  );
  const state = read.data?.state;
  if (state !== undefined && state !== 'waiting' && !isOver) setOver(true);
  return (
    <span role="status" class={state === 'failed' ? 'channels-failed' : 'soft'}>
      {state === 'delivered' && '✓ delivered'}
      {state === 'failed' && `✕ ${read.data?.reason ?? 'not delivered'}`}
      {(state === 'waiting' || state === undefined) && !read.error && 'Sending …'}
      <ProblemNote error={read.error} />
    </span>
  );
};
