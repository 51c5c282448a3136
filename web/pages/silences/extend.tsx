import { useContext, useState } from 'preact/hooks';
import { curlOf } from '../../client/call.ts';
import { useWrite } from '../../client/queries.ts';
import { Copy } from '../../components/copy.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { DurationChoice } from '../../components/duration-choice.tsx';
import { type Ending, endOf } from '../../components/ending.ts';
import { TextField } from '../../components/field.tsx';
import { matchersWords } from '../../components/matcher-text.ts';
import { Exact, TimeZone } from '../../components/time.tsx';
import { exactTime } from '../../components/time-text.ts';
import { ProblemNote } from '../../components/told.tsx';
import type { Silence } from './standing.ts';

type ExtendProps = { readonly silence: Silence; onSaid(sentence: string): void; onClose(): void };

/** Another end, later or earlier, for a silence that has not ended. */
export const Extend = ({ silence, onSaid, onClose }: ExtendProps) => {
  const { id, matchers, startsAt, endsAt, revision } = silence;
  const [reason, setReason] = useState(silence.reason);
  const [ending, setEnding] = useState<Ending>({ how: '1h', wall: '' });
  const timeZone = useContext(TimeZone);
  const replacing = useWrite('replaceSilence', ['mutes', 'incidents']);
  const requestNow = () => {
    const end = endOf(ending, Math.max(Date.now(), Date.parse(startsAt)), timeZone);
    return end && { params: { id }, body: { matchers, reason: reason.trim(), ...end.given } };
  };
  const extend = async (): Promise<void> => {
    const request = requestNow();
    const replaced = request && (await replacing.run(request, { revision }));
    if (!replaced) return;
    onSaid(`Silenced until ${exactTime(replaced.endsAt, timeZone)}.`);
    onClose();
  };
  const faultOf = (...paths: string[]): string | undefined =>
    replacing.problem?.faults.find(({ path }) => paths.includes(path))?.message;
  return (
    <ConfirmDialog
      title="When shall it end?"
      confirm="Change"
      isBusy={replacing.isPending}
      onConfirm={() => void extend()}
      onClose={onClose}
    >
      <p>Alerts whose {matchersWords(matchers)}</p>
      <p class="soft small">
        So far until <Exact at={endsAt} />
      </p>
      <DurationChoice
        label={Date.parse(startsAt) > Date.now() ? 'From its start on' : 'From now on'}
        value={ending}
        from={Date.parse(startsAt)}
        fault={faultOf('duration', 'endsAt')}
        onChange={setEnding}
      />
      <TextField
        label="Why"
        required
        maxLength={500}
        value={reason}
        fault={faultOf('reason')}
        onInput={setReason}
      />
      <ProblemNote error={replacing.problem} />
      <div>
        <Copy
          text={() =>
            curlOf(
              'replaceSilence',
              requestNow() ?? { params: { id }, body: { matchers, reason, duration: '1h' } },
            )
          }
        >
          Copy as curl
        </Copy>
      </div>
    </ConfirmDialog>
  );
};
