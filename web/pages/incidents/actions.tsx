import { useState } from 'preact/hooks';
import { useMay } from '../../client/hooks.ts';
import { useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/told.tsx';
import { ActDialog, type Asked } from './act-dialog.tsx';
import { focusComment } from './comment.tsx';
import { usePageKeys } from './keys.ts';
import { SilenceDialog } from './silence-dialog.tsx';
import { type IncidentDetail, principalWords } from './words.ts';

type ActionsProps = { readonly incident: IncidentDetail; onSaid(sentence: string): void };

/** What a person may do about it, the likeliest first; nothing that the token may not. */
export const Actions = (props: ActionsProps) => (useMay('operate') ? <Allowed {...props} /> : null);

const Allowed = ({ incident, onSaid }: ActionsProps) => {
  const { id, status } = incident;
  const [asked, setAsked] = useState<Asked | 'silence'>();
  const acknowledging = useWrite('acknowledgeIncident', ['incidents', 'notifications']);
  const isOver = status === 'resolved';
  const acknowledge = async (): Promise<void> => {
    if (acknowledging.isPending) return;
    const answer = await acknowledging.run({ params: { id } });
    if (!answer) return;
    onSaid(
      answer.acknowledgedBy === null
        ? 'Acknowledged.'
        : `Acknowledged by ${principalWords(answer.acknowledgedBy)}: no reminders and no escalation until it is over.`,
    );
  };
  usePageKeys({ a: status === 'open' ? () => void acknowledge() : undefined, c: focusComment });
  const close = (): void => setAsked(undefined);
  return (
    <>
      <div class="row incident-actions">
        {status === 'open' && (
          <Button
            look="primary"
            isBusy={acknowledging.isPending}
            aria-keyshortcuts="a"
            title="I have it (key a): reminders and escalation stop"
            onClick={() => void acknowledge()}
          >
            Acknowledge
          </Button>
        )}
        {status === 'acknowledged' && <Button onClick={() => setAsked('unacknowledge')}>Give back …</Button>}
        <Button aria-keyshortcuts="c" title="Write to the timeline (key c)" onClick={focusComment}>
          Comment
        </Button>
        {incident.alerts.length > 0 && <Button onClick={() => setAsked('silence')}>Silence …</Button>}
        {!isOver && (
          <>
            <Button onClick={() => setAsked('escalate')}>Escalate …</Button>
            <Button onClick={() => setAsked('resolve')}>Resolve …</Button>
          </>
        )}
      </div>
      <ProblemNote error={acknowledging.problem} />
      {asked === 'silence' ? (
        <SilenceDialog incident={incident} onSaid={onSaid} onClose={close} />
      ) : (
        asked && <ActDialog key={asked} asked={asked} incident={incident} onSaid={onSaid} onClose={close} />
      )}
    </>
  );
};
