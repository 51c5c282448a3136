import { useState } from 'preact/hooks';
import { curlOf } from '../../client/call.ts';
import { useWrite } from '../../client/queries.ts';
import { Copy } from '../../components/copy.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/told.tsx';
import type { IncidentDetail } from './words.ts';

export type Asked = 'unacknowledge' | 'escalate' | 'resolve';

type Question = {
  readonly operation: 'unacknowledgeIncident' | 'escalateIncident' | 'resolveIncident';
  readonly title: string;
  readonly confirm: string;
  readonly explained: string;
  /** What is said once it is done. */
  readonly done: string;
};

const questions: Readonly<Record<Asked, Question>> = {
  unacknowledge: {
    operation: 'unacknowledgeIncident',
    title: 'Give it back?',
    confirm: 'Give back',
    explained: 'Nobody has it then: reminders and escalation begin anew, and channels are told.',
    done: 'Given back: reminders and escalation begin anew.',
  },
  escalate: {
    operation: 'escalateIncident',
    title: 'Escalate now?',
    confirm: 'Escalate',
    explained: 'The next step of its escalation is taken at once: its channels are told, day or night.',
    done: 'Escalated: the channels of the next step are told within seconds.',
  },
  resolve: {
    operation: 'resolveIncident',
    title: 'Resolve it by hand?',
    confirm: 'Resolve',
    explained:
      'All its alerts count as over, and channels are told. An alert fires again only after its condition was clear once.',
    done: 'Resolved: it ends within seconds, and channels are told.',
  },
};

type ActDialogProps = {
  readonly asked: Asked;
  readonly incident: IncidentDetail;
  onSaid(sentence: string): void;
  onClose(): void;
};

/** Asks before something that others notice, with a word why for the timeline. */
export const ActDialog = ({ asked, incident: { id, firing }, onSaid, onClose }: ActDialogProps) => {
  const { operation, title, confirm, explained, done } = questions[asked];
  const [text, setText] = useState('');
  const acting = useWrite(operation, ['incidents', 'notifications']);
  const request = () => ({ params: { id }, ...(text.trim() && { body: { text: text.trim() } }) });
  const act = async (): Promise<void> => {
    if (!(await acting.run(request()))) return;
    onSaid(done);
    onClose();
  };
  return (
    <ConfirmDialog
      title={title}
      confirm={confirm}
      isDangerous={asked === 'resolve'}
      isBusy={acting.isPending}
      onConfirm={() => void act()}
      onClose={onClose}
    >
      <p>{explained}</p>
      {asked === 'resolve' && firing > 0 && (
        <p class="soft">
          {firing} {firing === 1 ? 'alert still fires' : 'alerts still fire'}.
        </p>
      )}
      <TextField
        label="Why (optional)"
        hint="It stands on the timeline."
        maxLength={2000}
        value={text}
        fault={acting.problem?.faults.find(({ path }) => path === 'text')?.message}
        onInput={setText}
      />
      <ProblemNote error={acting.problem} />
      <div>
        <Copy text={() => curlOf(operation, request())}>Copy as curl</Copy>
      </div>
    </ConfirmDialog>
  );
};
