import type { Stage } from './words.ts';
import './stages.css';

const shapes = { done: '✓', now: '●', next: '○', never: '–', ended: '✕' } as const;
const spoken = {
  done: 'done',
  now: 'under way',
  next: 'to come',
  never: 'not reached',
  ended: 'the end',
} as const;

/** Where the workflow stands. */
export const Stages = ({ stages }: { readonly stages: readonly Stage[] }) => (
  <ol class="remediation-stages" aria-label="Workflow">
    {stages.map(({ name, state, note }) => (
      <li key={name} class={state} aria-current={state === 'now' ? 'step' : undefined}>
        <span class="shape" aria-hidden="true">
          {shapes[state]}
        </span>
        <b>{name}</b>
        <span class="unseen">, {spoken[state]}</span>
        <span class="note-line">{note}</span>
      </li>
    ))}
  </ol>
);
