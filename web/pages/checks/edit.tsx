import { useState } from 'preact/hooks';
import { type Answer, curlOf, type Request } from '../../client/call.ts';
import { useIdentity } from '../../client/hooks.ts';
import { useList, useRead, useWrite } from '../../client/queries.ts';
import { useOperationSchema } from '../../client/schemas.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Diff } from '../../components/diff.tsx';
import { changesOf } from '../../components/diff-rows.ts';
import { useLeaveGuard } from '../../components/leave-guard.tsx';
import { PageHead } from '../../components/panel.tsx';
import { bodyFrom, type RootSchema } from '../../components/schema-form/index.ts';
import { Ago } from '../../components/time.tsx';
import { Empty, Told } from '../../components/told.tsx';
import type { RouteProps } from '../page.ts';
import { type Definition, DefinitionForm } from './definition-form.tsx';

type Check = Answer<'readCheck'>;

const EditCheckPage = ({ params: { id } }: RouteProps<'id'>) => {
  const identity = useIdentity();
  const mayWrite = identity?.scopes.includes('write') ?? true;
  const check = useRead('checks', 'readCheck', { params: { id } });
  const schema = useOperationSchema('replaceCheck');
  return (
    <>
      <PageHead title={check.data ? `Edit ${check.data.name}` : 'Edit a check'}>
        {check.data && <a href={`#/checks/${id}`}>How it stands</a>}
      </PageHead>
      <Told read={check}>
        {(found) => (
          <Told read={schema}>
            {(data) =>
              found.managedBy === 'file' || !mayWrite ? (
                <Empty
                  title={mayWrite ? 'The file owns this check' : 'This token may not change checks'}
                  action={<ButtonLink href={`#/checks/${id}`}>To the check</ButtonLink>}
                >
                  {mayWrite && (
                    <p>Change it in homeostat.yaml and apply that; its YAML to copy is on its page.</p>
                  )}
                </Empty>
              ) : (
                <Edit check={found} schema={data} again={() => void check.refetch()} />
              )
            }
          </Told>
        )}
      </Told>
    </>
  );
};
export default EditCheckPage;

type EditProps = { readonly check: Check; readonly schema: RootSchema; again(): void };

/** What is typed is held against the check as it was read first; what others do meanwhile comes in only when asked for. */
const Edit = ({ check, schema, again }: EditProps) => {
  const [base, setBase] = useState(check);
  const [first, setFirst] = useState<Definition>(() => bodyFrom(schema, check));
  const [value, setValue] = useState(first);
  const replacing = useWrite('replaceCheck', ['checks']);
  const { question, pass } = useLeaveGuard(value !== first);
  const request = { params: { id: check.id }, body: value } as unknown as Request<'replaceCheck'>;
  const save = async (): Promise<void> => {
    if (await replacing.run(request, { revision: base.revision })) pass(`/checks/${check.id}`);
    // Refused because somebody was quicker, perhaps: what they did is shown.
    else again();
  };
  const keepMine = (): void => {
    setBase(check);
    replacing.reset();
  };
  const takeTheirs = (): void => {
    const theirs = bodyFrom(schema, check);
    setFirst(theirs);
    setValue(theirs);
    keepMine();
  };
  const isOvertaken = check.revision !== base.revision;
  return (
    <>
      <DefinitionForm
        schema={schema}
        value={value}
        onChange={(next) => {
          replacing.reset();
          setValue(next);
        }}
        fixed={['name', 'deploymentId']}
        save="Save"
        isSaving={replacing.isPending}
        // That somebody was quicker is told below, with what they did.
        problem={isOvertaken ? undefined : replacing.problem}
        onSave={() => void save()}
        back={`#/checks/${check.id}`}
        curl={() => curlOf('replaceCheck', request)}
      >
        {isOvertaken && (
          <Overtaken
            check={check}
            theirs={bodyFrom(schema, check)}
            mine={value}
            onMine={keepMine}
            onTheirs={takeTheirs}
          />
        )}
      </DefinitionForm>
      {question}
    </>
  );
};

type OvertakenProps = {
  readonly check: Check;
  readonly theirs: Definition;
  readonly mine: Definition;
  onMine(): void;
  onTheirs(): void;
};

/** Somebody saved in between: who, what differs, and the two ways on. */
const Overtaken = ({ check, theirs, mine, onMine, onTheirs }: OvertakenProps) => {
  const audit = useList('checks', 'listAudit', { subjectId: check.id, kind: 'check', limit: 1 });
  const by = audit.items?.[0]?.by;
  return (
    <div class="note" role="alert">
      <div class="stack">
        <p>
          {by ?? 'Somebody'} changed this check <Ago at={check.updatedAt} /> (revision {check.revision}). What
          you typed is still here.
        </p>
        <Diff
          rows={changesOf(theirs, mine)}
          caption="What differs"
          titles={['As it is now', 'As you typed it']}
        />
        <div class="row">
          <Button onClick={onMine}>Keep mine: saving puts it in place of theirs</Button>
          <Button onClick={onTheirs}>Take theirs</Button>
        </div>
      </div>
    </div>
  );
};
