import { useMay } from '../../client/hooks.ts';
import { useRead, useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Ago, Since } from '../../components/time.tsx';
import { ProblemNote } from '../../components/told.tsx';
import { deliveryWords, type IncidentDetail, messageWord, type Told } from './words.ts';

type NotifiedProps = { readonly incident: IncidentDetail; onSaid(sentence: string): void };

/** What each channel was told of it, and what it was not: read for itself, for deliveries change after the incident did. */
export const Notified = ({ incident, onSaid }: NotifiedProps) => {
  const { id } = incident;
  const read = useRead('notifications', 'readIncident', { params: { id } });
  const mayOperate = useMay('operate');
  const redrive = useWrite('redriveNotifications', ['notifications', 'incidents']);
  const notifications = read.data?.notifications ?? incident.notifications;
  const lost = notifications.filter(({ isUndelivered }) => isUndelivered).length;
  const again = async (): Promise<void> => {
    const answer = await redrive.run({ body: { incidentId: id } });
    if (answer) {
      onSaid(
        answer.begun === 0
          ? 'There was nothing to send again: it was delivered meanwhile.'
          : `Sending begins anew within a minute, to ${answer.begun} ${answer.begun === 1 ? 'channel' : 'channels'}.`,
      );
    }
  };
  return (
    <Panel
      title="Who was told"
      actions={
        lost > 0 &&
        mayOperate && (
          <Button isBusy={redrive.isPending} onClick={() => void again()}>
            Send again
          </Button>
        )
      }
    >
      <ProblemNote error={redrive.problem} />
      {notifications.length === 0 && (
        <p class="soft">
          Nobody yet. What holds it back stands beside its alerts; <a href="#/channels">channels</a> are told
          some seconds after it opened.
        </p>
      )}
      <ul class="incident-channels">
        {notifications.map((told) => (
          <Channel key={told.channelId} told={told} />
        ))}
      </ul>
    </Panel>
  );
};

const Channel = ({ told }: { readonly told: Told }) => {
  const { channelId, channelName, sent, unsent, failingSince, nextAttemptAt, lastError } = told;
  const { word, tone } = deliveryWords(told);
  const last = sent.at(-1);
  return (
    <li>
      <p class="row">
        <b>
          {channelName === null ? (
            `${channelId} (removed)`
          ) : (
            <a href={`#/channels/${encodeURIComponent(channelId)}`}>{channelName}</a>
          )}
        </b>
        <span class="push">
          <Pill tone={tone}>{word}</Pill>
        </span>
      </p>
      {unsent.length > 0 && (
        <p>
          Not told: {unsent.map(({ kind }) => messageWord(kind)).join('; ')}.
          {failingSince !== null && (
            <>
              {' '}
              It has taken nothing <Since at={failingSince} />
              {nextAttemptAt !== null && (
                <>
                  ; tried again <Ago at={nextAttemptAt} />
                </>
              )}
              .
            </>
          )}
        </p>
      )}
      {lastError !== null && unsent.length > 0 && <p class="small incident-error">{lastError}</p>}
      {last && (
        <p class="small soft">
          Last told {messageWord(last.kind)} <Ago at={last.at} />
        </p>
      )}
      {sent.length > 1 && (
        <details class="small">
          <summary>All {sent.length} messages it took</summary>
          <ol>
            {sent.map(({ no, kind, at }) => (
              <li key={no}>
                {messageWord(kind)}, <Ago at={at} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </li>
  );
};
