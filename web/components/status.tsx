import './status.css';

export type Status = 'healthy' | 'degraded' | 'unhealthy' | 'unknown' | 'paused' | 'maintenance';
export type Severity = 'critical' | 'error' | 'warning' | 'info';

/** A shape beside the colour: who cannot tell red from green still sees which it is. */
const shapes: Readonly<Record<Status, string>> = {
  healthy: '✓',
  degraded: '!',
  unhealthy: '✕',
  unknown: '?',
  paused: '–',
  maintenance: '⚒',
};

export const StatusMark = ({
  status,
  word = status,
}: {
  readonly status: Status;
  readonly word?: string;
}) => (
  <span class={`status-mark ${status}`}>
    <span class="shape" aria-hidden="true">
      {shapes[status]}
    </span>
    <span class="word">{word}</span>
  </span>
);

export const SeverityMark = ({ severity }: { readonly severity: Severity }) => (
  <span class={`severity-mark ${severity}`}>{severity}</span>
);

type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'plain';

/** A word of its own colour, for states that are no status of a check. */
export const Pill = ({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: string }) => (
  <span class={`pill ${tone}`}>{children}</span>
);
