import type { ComponentChildren } from 'preact';
import { Pill, SeverityMark } from '../../components/status.tsx';
import { Ago, useNow } from '../../components/time.tsx';
import { durationText } from '../../components/time-text.ts';
import { type Incident, lastedSeconds, statusWords } from './words.ts';

export const columns = [
  { title: 'Severity' },
  { title: 'Incident' },
  { title: 'Status' },
  { title: 'Firing' },
  { title: 'Opened' },
  { title: 'Lasts' },
];

/** How long it lasted; while it goes on, each second anew. */
export const Lasted = ({ incident }: { readonly incident: Pick<Incident, 'openedAt' | 'duration'> }) => {
  const now = useNow();
  return <span class="numbers">{durationText(lastedSeconds(incident, now))}</span>;
};

export const StatusPill = ({ incident }: { readonly incident: Incident }) => {
  const { word, tone } = statusWords(incident);
  return <Pill tone={tone}>{word}</Pill>;
};

/** One a column. */
export const cellsOf = (incident: Incident): readonly ComponentChildren[] => {
  const { id, title, severity, deploymentId, firing, resolved, openedAt, isFlapping } = incident;
  const all = firing + resolved;
  return [
    <SeverityMark key="severity" severity={severity} />,
    <>
      <a href={`#/incidents/${id}`}>{title}</a>
      <div class="small soft">
        {deploymentId ?? 'no deployment'}
        {isFlapping && ' · goes back and forth'}
      </div>
    </>,
    <StatusPill key="status" incident={incident} />,
    <span key="firing" class="numbers" title={`${firing} of ${all} alerts fire`}>
      {firing}
      <span class="soft"> of {all}</span>
      <span class="incidents-unit soft"> firing</span>
    </span>,
    <span key="opened" class="numbers">
      <Ago at={openedAt} />
    </span>,
    <span key="lasts" class="incidents-lasts">
      <span class="incidents-unit soft">lasts </span>
      <Lasted incident={incident} />
    </span>,
  ];
};
