import { useRef, useState } from 'preact/hooks';
import { queryOf } from '../../client/address-query.ts';
import { curlOf, type Request } from '../../client/call.ts';
import { useIdentity } from '../../client/hooks.ts';
import { newIdempotencyKey } from '../../client/idempotency.ts';
import { useWrite } from '../../client/queries.ts';
import { useOperationSchema } from '../../client/schemas.ts';
import { ButtonLink } from '../../components/button.tsx';
import { useLeaveGuard } from '../../components/leave-guard.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Empty, Told, Waiting } from '../../components/told.tsx';
import { type Definition, DefinitionForm } from './definition-form.tsx';

/** A deployment may be named by whoever leads here: `#/checks/new?deploymentId=web-shop`. */
const firstDefinition = (): Definition => {
  const { deploymentId } = queryOf(window.location.hash);
  return { type: 'http', ...(deploymentId && { deploymentId }) };
};

const NewCheckPage = () => {
  const identity = useIdentity();
  const schema = useOperationSchema('createCheck');
  const [first] = useState(firstDefinition);
  const [value, setValue] = useState(first);
  const creating = useWrite('createCheck', ['checks']);
  // One key a form: a repeated «Create» after a lost answer makes no second check.
  const key = useRef(newIdempotencyKey());
  const { question, pass } = useLeaveGuard(value !== first);
  const request = { body: value } as unknown as Request<'createCheck'>;
  const create = async (): Promise<void> => {
    const made = await creating.run(request, { idempotencyKey: key.current });
    if (made) pass(`/checks/${made.id}`);
  };
  const change = (next: Definition): void => {
    // Another definition is another request: with the old key the API would refuse it.
    if (creating.problem) key.current = newIdempotencyKey();
    creating.reset();
    setValue(next);
  };
  return (
    <>
      <PageHead title="New check">What to look at, how often, and when it counts as down.</PageHead>
      {!identity && <Waiting />}
      {identity?.scopes.includes('write') && (
        <Told read={schema}>
          {(data) => (
            <DefinitionForm
              schema={data}
              value={value}
              onChange={change}
              save="Create the check"
              isSaving={creating.isPending}
              problem={creating.problem}
              onSave={() => void create()}
              back="#/checks"
              curl={() => curlOf('createCheck', request)}
            />
          )}
        </Told>
      )}
      {identity && !identity.scopes.includes('write') && (
        <Empty
          title="This token may not define checks"
          action={<ButtonLink href="#/checks">To the checks</ButtonLink>}
        >
          <p>Ask somebody whose token has the scope «write».</p>
        </Empty>
      )}
      {question}
    </>
  );
};
export default NewCheckPage;
