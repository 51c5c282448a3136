import { useContext, useState } from 'preact/hooks';
import { curlOf } from '../../client/call.ts';
import { useWrite } from '../../client/queries.ts';
import { Copy } from '../../components/copy.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { DurationChoice } from '../../components/duration-choice.tsx';
import { type Ending, endOf } from '../../components/ending.ts';
import { SelectField, TextField } from '../../components/field.tsx';
import { matchersWords } from '../../components/matcher-text.ts';
import { TimeZone } from '../../components/time.tsx';
import { exactTime } from '../../components/time-text.ts';
import { ProblemNote } from '../../components/told.tsx';
import { coveragesOf } from './silenced.ts';
import type { IncidentDetail } from './words.ts';

type SilenceDialogProps = {
  readonly incident: IncidentDetail;
  onSaid(sentence: string): void;
  onClose(): void;
};

/** Keeps what is wrong here from being told for a while: what exactly, why, and until when. */
export const SilenceDialog = ({ incident, onSaid, onClose }: SilenceDialogProps) => {
  // What was offered when it was opened stays, also while alerts come and go.
  const [coverages] = useState(() => coveragesOf(incident.alerts));
  const [name, setName] = useState(coverages[0]?.name);
  const [reason, setReason] = useState('');
  const [ending, setEnding] = useState<Ending>({ how: '1h', wall: '' });
  const timeZone = useContext(TimeZone);
  const creating = useWrite('createSilence', ['mutes', 'incidents']);
  const chosen = coverages.find((one) => one.name === name);
  const faultOf = (...paths: string[]): string | undefined =>
    creating.problem?.faults.find(({ path }) => paths.includes(path))?.message;
  const requestNow = () => {
    const end = endOf(ending, Date.now(), timeZone);
    if (!chosen || !end) return undefined;
    return { end, request: { body: { matchers: chosen.matchers, reason: reason.trim(), ...end.given } } };
  };
  const silence = async (): Promise<void> => {
    const asked = requestNow();
    if (!asked) return;
    const made = await creating.run(asked.request);
    if (!made) return;
    onSaid(`Silenced until ${exactTime(made.endsAt, timeZone)}. What fires then is told at once.`);
    onClose();
  };
  if (!chosen) return null;
  return (
    <ConfirmDialog
      title="Silence for a while"
      confirm="Silence"
      isBusy={creating.isPending}
      onConfirm={() => void silence()}
      onClose={onClose}
    >
      <SelectField
        label="What"
        value={chosen.name}
        options={coverages.map((one) => ({ value: one.name, label: one.title }))}
        hint={`Alerts whose ${matchersWords(chosen.matchers)}`}
        fault={faultOf('matchers')}
        onChange={(value) => setName(coverages.find((one) => one.name === value)?.name)}
      />
      <TextField
        label="Why"
        required
        maxLength={500}
        hint="For those who wonder why nobody was told."
        value={reason}
        fault={faultOf('reason')}
        onInput={setReason}
      />
      <DurationChoice
        label="How long"
        value={ending}
        fault={faultOf('duration', 'endsAt')}
        onChange={setEnding}
      />
      <p class="soft small">
        It is recorded and counted, and not told. The end of what was told is told in any case.
      </p>
      <ProblemNote error={creating.problem} />
      <div>
        <Copy
          text={() =>
            curlOf(
              'createSilence',
              requestNow()?.request ?? { body: { matchers: chosen.matchers, reason, duration: '1h' } },
            )
          }
        >
          Copy as curl
        </Copy>
      </div>
    </ConfirmDialog>
  );
};
