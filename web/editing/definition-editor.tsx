import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
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
import { Overtaken } from './overtaken.tsx';

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
  const [savedHere, setSavedHere] = useState(0);
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
        {(data) => (
          <Form
            key={savedHere}
            {...props}
            operation={operation as Creating}
            schema={data}
            onSavedHere={() => setSavedHere(savedHere + 1)}
          />
        )}
      </Told>
    </div>
  );
};

type FormProps = EditorProps & {
  readonly operation: Creating;
  readonly schema: SchemaFormProps['schema'];
  /** Saved, and the page stays: the form begins anew with what was saved. */
  onSavedHere(): void;
};

/** What is typed is held against what was read when the form opened: what others save meanwhile comes in only when asked for. */
const useBase = ({ existing, schema, begin = {} }: FormProps) => {
  const start = (from: Existing | undefined): unknown => (from ? bodyFrom(schema, from.written) : begin);
  const [base, setBase] = useState(existing);
  const [first, setFirst] = useState(() => start(existing));
  const [value, setValue] = useState<unknown>(first);
  const keepMine = (): void => setBase(existing);
  const takeTheirs = (): void => {
    const theirs = start(existing);
    setBase(existing);
    setFirst(theirs);
    setValue(theirs);
  };
  const isOvertaken = existing !== undefined && existing.revision !== base?.revision;
  // Nothing was typed yet: then it is simply shown as it is now.
  const isUntouched = value === first;
  useEffect(() => {
    if (isOvertaken && isUntouched) takeTheirs();
  }, [isOvertaken, isUntouched]);
  return { base, first, value, setValue, keepMine, takeTheirs, isOvertaken };
};

const Form = (props: FormProps) => {
  const {
    operation,
    schema,
    existing,
    begin: _,
    topics,
    saved,
    back,
    beside,
    onSavedHere,
    ...fields
  } = props;
  const { base, first, value, setValue, keepMine, takeTheirs, isOvertaken } = useBase(props);
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
    const answer = await saving.run(request, base ? { revision: base.revision } : { idempotencyKey });
    if (!answer) return;
    const target = saved('id' in answer ? String(answer.id) : '');
    if (window.location.hash === `#${target}`) onSavedHere();
    else pass(target);
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
        {existing && isOvertaken && !saving.isPending ? (
          <Overtaken
            revision={existing.revision}
            theirs={bodyFrom(schema, existing.written)}
            mine={value}
            onMine={() => {
              keepMine();
              saving.reset();
            }}
            onTheirs={() => {
              takeTheirs();
              saving.reset();
            }}
          />
        ) : (
          <ProblemNote error={problem} />
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
