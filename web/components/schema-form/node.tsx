import { useMemo } from 'preact/hooks';
import { ChoiceNode, ToggleNode } from './choice.tsx';
import { useForm } from './context.ts';
import { EitherNode } from './either.tsx';
import { fieldOf } from './field.ts';
import { GroupNode } from './group.tsx';
import { JsonNode } from './json.tsx';
import { ListNode } from './list.tsx';
import { MapNode } from './map.tsx';
import type { NodeProps } from './node-props.ts';
import { InstantNode, TextNode } from './scalar.tsx';
import { SeveralNode } from './several.tsx';

/** One place in the form, filled in as its schema says. */
export const Node = (node: NodeProps) => {
  const { root } = useForm();
  const field = useMemo(() => fieldOf(node.schema, root), [node.schema, root]);
  switch (field.kind) {
    case 'text':
      return <TextNode {...node} forms={field.forms} isLong={field.isLong} />;
    case 'instant':
      return <InstantNode {...node} />;
    case 'choice':
      return <ChoiceNode {...node} options={field.options} />;
    case 'toggle':
      return <ToggleNode {...node} />;
    case 'several':
      return <SeveralNode {...node} options={field.options} />;
    case 'list':
      return <ListNode {...node} item={field.item} least={field.least} most={field.most} />;
    case 'map':
      return <MapNode {...node} item={field.value} />;
    case 'group':
      return <GroupNode {...node} members={field.members} />;
    case 'either':
      return <EitherNode {...node} field={field} />;
    default:
      return <JsonNode {...node} />;
  }
};
