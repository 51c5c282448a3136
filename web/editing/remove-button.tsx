import { useState } from 'preact/hooks';
import type { Request } from '../client/call.ts';
import { type Topic, useWrite } from '../client/queries.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/dialog.tsx';
import { ProblemNote } from '../components/told.tsx';

type Removal =
  | 'removeCheck'
  | 'removeRule'
  | 'removeChannel'
  | 'removeMaintenance'
  | 'removePolicy'
  | 'removeStatusPage';

type RemoveProps = {
  readonly operation: Removal;
  readonly id: string;
  /** What is shown: somebody else's change in the meantime refuses the removal. */
  readonly revision: number;
  readonly name: string;
  readonly topics: readonly Topic[];
  /** Where to go once it is gone. */
  readonly home: string;
};

/** Removes a definition after asking, naming it. */
export const RemoveButton = ({ operation, id, revision, name, topics, home }: RemoveProps) => {
  const [isAsking, setAsking] = useState(false);
  const removing = useWrite(operation, topics);
  const remove = async (): Promise<void> => {
    const done = await removing.run({ params: { id } } as Request<Removal>, { revision });
    if (done) window.location.hash = home;
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>Remove</Button>
      {isAsking && (
        <ConfirmDialog
          title={`Remove ${name}?`}
          confirm="Remove"
          isDangerous
          isBusy={removing.isPending}
          onConfirm={() => void remove()}
          onClose={() => {
            setAsking(false);
            removing.reset();
          }}
        >
          <p>What it told and did stays in the record.</p>
          <ProblemNote error={removing.problem} />
        </ConfirmDialog>
      )}
    </>
  );
};
