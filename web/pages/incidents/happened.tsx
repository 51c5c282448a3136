import { useState } from 'preact/hooks';
import { useIdentity, useMay } from '../../client/hooks.ts';
import { useList, useRead } from '../../client/queries.ts';
import { Panel } from '../../components/panel.tsx';
import { Timeline, type TimelineItem } from '../../components/timeline.tsx';
import { ProblemNote, Waiting } from '../../components/told.tsx';
import { Comment } from './comment.tsx';
import {
  type Entry,
  entryWords,
  type IncidentDetail,
  principalWords,
  remediationPrefixOf,
  withWritten,
} from './words.ts';

type HappenedProps = {
  readonly incident: IncidentDetail;
  /** Somebody here did something just now. */
  readonly isLively: boolean;
  onSaid(sentence: string): void;
};

/** The timeline with the newest first, and where one writes onto it. */
export const Happened = ({ incident, isLively, onSaid }: HappenedProps) => {
  const { id, deploymentId } = incident;
  const list = useList(
    'incidents',
    'readIncidentTimeline',
    { limit: 200 },
    { all: true, params: { id }, ...(isLively && { everyMs: 1000 }) },
  );
  const [written, setWritten] = useState<readonly Entry[]>([]);
  const by = useIdentity()?.principal ?? null;
  const keep = ({ text, isPublic }: { readonly text: string; readonly isPublic: boolean }): void => {
    const at = new Date().toISOString();
    const kind = isPublic ? 'published' : 'commented';
    setWritten([...written, { id: `written-${at}`, at, kind, text, by, channels: [], alertId: null }]);
  };
  const entries = withWritten(list.items ?? [], written);
  const tellsOfRemedies = entries.some(({ kind }) => kind === 'remediation');
  // An entry knows the beginning of its remediation's id only.
  const remedies = useRead(
    'remediations',
    'listRemediations',
    { query: { limit: 100, ...(deploymentId !== null && { deploymentId }) } },
    { enabled: tellsOfRemedies && deploymentId !== null },
  );
  const remedyOf = (entry: Entry): string | undefined => {
    const prefix = remediationPrefixOf(entry);
    return prefix && remedies.data?.items.find((one) => one.id.startsWith(prefix))?.id;
  };
  const names = new Map(
    incident.notifications.map(({ channelId, channelName, sent }) => [
      channelId,
      // The timeline says who was to be told; whether it arrived is known of the channel only.
      `${channelName ?? channelId}${sent.length === 0 ? ' (not delivered)' : ''}`,
    ]),
  );
  const mayOperate = useMay('operate');
  return (
    <Panel title="What happened">
      {mayOperate && <Comment id={id} onWritten={keep} onSaid={onSaid} />}
      {list.error && <ProblemNote error={list.error} />}
      {!list.items && !list.error && <Waiting />}
      <Timeline
        label="What happened, the newest first"
        items={entries.map((entry) => itemOf(entry, { remedyId: remedyOf(entry), names })).reverse()}
      />
    </Panel>
  );
};

type Known = {
  /** Of the remediation it tells of. */
  readonly remedyId: string | undefined;
  /** Of channels, by id. */
  readonly names: ReadonlyMap<string, string>;
};

const itemOf = (entry: Entry, { remedyId, names }: Known): TimelineItem => {
  const { id, at, kind, text, by, channels } = entry;
  const { word, shape, tone } = entryWords[kind];
  return {
    id,
    at,
    shape,
    tone,
    word,
    by: by === null ? undefined : principalWords(by),
    badge: kind === 'published' ? 'public' : undefined,
    children: (
      <p class={kind === 'commented' || kind === 'published' ? 'quote' : undefined}>
        {text}
        {channels.length > 0 && (
          <span class="small soft">
            {' '}
            → {channels.map((channel) => names.get(channel) ?? channel).join(', ')}
          </span>
        )}
        {remedyId && (
          <>
            {' '}
            <a href={`#/remediations/${remedyId}`}>See it</a>
          </>
        )}
      </p>
    ),
  };
};
