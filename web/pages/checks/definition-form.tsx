import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Answer, Request } from '../../client/call.ts';
import { useAllChecks } from '../../client/checks.ts';
import type { Problem } from '../../client/problem.ts';
import { useList, useWrite } from '../../client/queries.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { Panel } from '../../components/panel.tsx';
import { type RootSchema, SchemaForm } from '../../components/schema-form/index.ts';
import { ProblemNote } from '../../components/told.tsx';
import { CopyYaml } from '../../components/yaml.tsx';
import { checkInFile } from './check-yaml.ts';
import { usedMost } from './order.ts';
import { Trial } from './trial.tsx';
import './definition-form.css';

export type Definition = Readonly<Record<string, unknown>>;

type DefinitionFormProps = {
  readonly schema: RootSchema;
  readonly value: Definition;
  onChange(value: Definition): void;
  /** Paths that identify the check: shown, not changed. */
  readonly fixed?: readonly string[];
  readonly save: string;
  readonly isSaving: boolean;
  readonly problem: Problem | undefined;
  onSave(): void;
  /** Where «Cancel» leads. */
  readonly back: string;
  curl(): string;
  /** Beside the refusal: what to do about it. */
  readonly children?: ComponentChildren;
};

/** Looked at over nothing: there is nothing to try. */
const untriable: readonly unknown[] = ['heartbeat', 'composite'];

/** The form of a check, with the ways to try it, to copy it and to save it. What is typed is judged by the API. */
export const DefinitionForm = (props: DefinitionFormProps) => {
  const { schema, value, onChange, fixed = [], problem } = props;
  const testing = useWrite('testCheck', []);
  const [tried, setTried] = useState<{ readonly of: Definition; readonly answer: Answer<'testCheck'> }>();
  const told = useRef<HTMLDivElement>(null);
  // Whoever pressed a button further up sees what came of it.
  useEffect(() => {
    if (tried || testing.problem || problem) told.current?.scrollIntoView({ block: 'nearest' });
  }, [tried, testing.problem, problem]);
  const suggestions = useSuggestions();
  const request = { body: value } as unknown as Request<'testCheck'>;
  const test = async (): Promise<void> => {
    setTried(undefined);
    const answer = await testing.run(request);
    if (answer !== undefined) setTried({ of: value, answer });
  };
  const change = (next: unknown): void => {
    testing.reset();
    onChange(next as Definition);
  };
  return (
    <form
      class="stack definition-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        props.onSave();
      }}
    >
      <Panel>
        <SchemaForm
          schema={schema}
          value={value}
          onChange={change}
          faults={problem?.faults ?? testing.problem?.faults}
          order={usedMost}
          fixed={fixed}
          suggestions={suggestions}
        />
      </Panel>
      <div aria-live="polite" class="stack definition-told" ref={told}>
        {tried && <Trial tried={tried.answer} />}
        {tried && tried.of !== value && (
          <p class="small soft">The definition was changed since it was tried.</p>
        )}
        <ProblemNote error={testing.problem} />
        <ProblemNote error={problem} />
        {props.children}
      </div>
      <div class="row definition-acts">
        <Button type="submit" look="primary" isBusy={props.isSaving}>
          {props.save}
        </Button>
        <Button
          isBusy={testing.isPending}
          disabled={untriable.includes(value.type)}
          title={
            untriable.includes(value.type) ? 'It looks at no target: save it to see how it stands' : undefined
          }
          onClick={() => void test()}
        >
          Test now
        </Button>
        <ButtonLink href={props.back}>Cancel</ButtonLink>
        <span class="push row">
          <CopyYaml value={() => checkInFile(schema, value)} />
          <Copy text={props.curl}>Copy as curl</Copy>
        </span>
      </div>
    </form>
  );
};

/** Names that are there already, to choose from where one is asked for. */
const useSuggestions = (): Readonly<Record<string, readonly string[]>> => {
  const deployments = useList('deployments', 'listDeployments', { limit: 200 });
  const { checks } = useAllChecks();
  return useMemo(() => {
    const names = [...new Set(checks?.map(({ name }) => name) ?? [])].sort();
    return {
      deploymentId: deployments.items?.map(({ deploymentId }) => deploymentId) ?? [],
      parent: names,
      'config.members': names,
    };
  }, [deployments.items, checks]);
};
