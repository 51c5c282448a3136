import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Marked, RequiredMark } from './labelled.tsx';
import type { NodeProps } from './node-props.ts';

type BoxProps = {
  readonly node: NodeProps;
  readonly hint: string | undefined;
  readonly fault: string | undefined;
  readonly children: ComponentChildren;
};

/** What belongs together under one heading. */
export const Box = ({ node, hint, fault, children }: BoxProps) => {
  const id = useId();
  return (
    <fieldset class="schema-box" aria-describedby={hint || fault ? `${id}-hint` : undefined}>
      <legend class={node.isBare ? 'unseen' : undefined}>
        {node.label}
        {node.isRequired && <RequiredMark />}
      </legend>
      <div id={`${id}-hint`}>
        {hint && (
          <p class="hint">
            <Marked text={hint} />
          </p>
        )}
        {fault && <p class="fault">{fault}</p>}
      </div>
      {children}
    </fieldset>
  );
};
