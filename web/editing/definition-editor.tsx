import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { curlOf, type OperationId, type Request } from '../client/call.ts';
import { useIdentity } from '../client/hooks.ts';
import { newIdempotencyKey } from '../client/idempotency.ts';
import { type Topic, useWrite } from '../client/queries.ts';
import { useOperationSchema } from '../client/schemas.ts';
import { Button, ButtonLink } from '../components/button.tsx';
import { Copy } from '../components/copy.tsx';
import { useLeaveGuard } from '../components/leave-guard.tsx';
import { PageHead, Panel } from '../components/panel.tsx';
import { bodyFrom, SchemaForm, type SchemaFormProps } from '../components/schema-form/index.ts';
import { Empty, ProblemNote, Told } from '../components/told.tsx';

type Creating = 'createRule' | 'createChannel' | 'createMaintenance' | 'createPolicy' | 'createStatusPage';
type Replacing =
  | 'replaceRule'
  | 'replaceChannel'
  | 'replaceMaintenance'
  | 'replacePolicy'
  | 'replaceStatusPage'
  | 'replaceAlerting';

/** What is changed: as it was read, and the revision it was read at. Of a thing there is only one of, no id. */
export type Existing = { readonly id?: string; readonly revision: number; readonly written: unknown };

type EditorProps = {
  readonly title: string;
  readonly create?: Creating;
  readonly replace: Replacing;
  readonly existing?: Existing | undefined;
  /** What a new one begins with. */
  readonly begin?: unknown;
  readonly topics: readonly Topic[];
  /** Where to go when it is saved, given its id, and when it is not. */
  readonly saved: (id: string) => string;
  readonly back: string;
  /** Below the form: what the body that is typed would do. */
  readonly beside?: (value: unknown) => ComponentChildren;
} & Pick<SchemaFormProps, 'order' | 'fixed' | 'left' | 'suggestions'>;

/** A form generated from the schema of the operation that saves it; the API judges, and its faults stand at the fields. */
export const DefinitionEditor = (props: EditorProps) => {
  const { existing, create, replace } = props;
  const operation: OperationId = existing || !create ? replace : create;
  const schema = useOperationSchema(operation);
  const scopes = useIdentity()?.scopes;
  if (scopes && !scopes.includes('write')) {
    return (
      <div class="stack">
        <PageHead title={props.title} />
        <Empty
          title="This token may not change definitions"
          action={<ButtonLink href={`#${props.back}`}>Back</ButtonLink>}
        >
          Ask somebody whose token has the scope «write».
        </Empty>
      </div>
    );
  }
  return (
    <div class="stack">
      <PageHead title={props.title} />
      <Told read={schema}>
        {(data) => <Form {...props} operation={operation as Creating} schema={data} />}
      </Told>
    </div>
  );
};

type FormProps = EditorProps & { readonly operation: Creating; readonly schema: SchemaFormProps['schema'] };

const Form = ({
  operation,
  schema,
  existing,
  begin = {},
  topics,
  saved,
  back,
  beside,
  ...fields
}: FormProps) => {
  const first = useMemo(() => (existing ? bodyFrom(schema, existing.written) : begin), []);
  const [value, setValue] = useState<unknown>(first);
  // The same for one body however often it is sent, so that a lost answer makes no second thing.
  const key = useRef({ value, idempotencyKey: newIdempotencyKey() });
  const saving = useWrite(operation, topics);
  const { question, pass } = useLeaveGuard(value !== first);
  const request = {
    ...(existing?.id !== undefined && { params: { id: existing.id } }),
    body: value,
  } as unknown as Request<Creating>;
  const save = async (): Promise<void> => {
    if (key.current.value !== value) key.current = { value, idempotencyKey: newIdempotencyKey() };
    const { idempotencyKey } = key.current;
    const answer = await saving.run(request, existing ? { revision: existing.revision } : { idempotencyKey });
    if (!answer) return;
    pass(saved('id' in answer ? String(answer.id) : ''));
  };
  const { problem } = saving;
  return (
    <>
      {/* A form of its own: inside the other one its answer would save. */}
      {question}
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Panel>
          <SchemaForm
            schema={schema}
            value={value}
            onChange={setValue}
            faults={problem?.faults}
            {...fields}
          />
        </Panel>
        {beside?.(value)}
        <ProblemNote error={problem} />
        {problem?.status === 412 && (
          <p>
            Somebody else changed it since you opened it. Copy what you typed, then{' '}
            <button type="button" class="as-link" onClick={() => window.location.reload()}>
              read it anew
            </button>
            .
          </p>
        )}
        <div class="row">
          <Button type="submit" look="primary" isBusy={saving.isPending}>
            Save
          </Button>
          <ButtonLink href={`#${back}`}>Cancel</ButtonLink>
          <span class="push">
            <Copy text={() => curlOf(operation, request)}>Copy as curl</Copy>
          </span>
        </div>
      </form>
    </>
  );
};
