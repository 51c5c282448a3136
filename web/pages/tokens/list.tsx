import { useState } from 'preact/hooks';
import { useMay } from '../../client/hooks.ts';
import { useList, useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { NewToken } from './new-token.tsx';

const TokensPage = () => {
  const mayAdmin = useMay('admin');
  const list = useList('settings', 'listTokens', { limit: 100 }, { all: true, enabled: mayAdmin });
  const [isMaking, setMaking] = useState(false);
  const [revoked, setRevoked] = useState<{ readonly id: string; readonly name: string }>();
  const revoking = useWrite('revokeToken', ['settings']);
  const revoke = async (): Promise<void> => {
    if (revoked && (await revoking.run({ params: { id: revoked.id } }))) setRevoked(undefined);
  };
  if (!mayAdmin) {
    return (
      <div class="stack">
        <PageHead title="Tokens" />
        <Empty title="A token with the scope admin makes, lists and revokes tokens">
          Ask whoever deployed Homeostat, or sign in with the first token.
        </Empty>
      </div>
    );
  }
  return (
    <div class="stack">
      <PageHead title="Tokens" actions={<Button onClick={() => setMaking(true)}>Make a token</Button>}>
        One for each person and each program; each may only what its scopes say.
      </PageHead>
      {list.error && <ProblemNote error={list.error} />}
      {!list.items && !list.error && <Waiting />}
      {list.items?.length === 0 && (
        <Empty
          title="There is only the first token"
          action={<Button onClick={() => setMaking(true)}>Make one</Button>}
        >
          Keep the first one safe and give each person a token of their own.
        </Empty>
      )}
      {list.items && list.items.length > 0 && (
        <Table
          caption="Tokens"
          columns={['Token', 'May', 'Reaches', 'Used', 'Ends', { title: 'Revoke', isUnseen: true }]}
        >
          {list.items.map((token) => (
            <tr key={token.id}>
              <td>
                {token.name}
                <div class="small soft">by {token.createdBy}</div>
              </td>
              <td>{token.scopes.join(', ')}</td>
              <td>{token.deployments === '*' ? 'everything' : token.deployments.join(', ')}</td>
              <td>{token.lastUsedAt ? <Ago at={token.lastUsedAt} /> : 'never'}</td>
              <td>
                {token.revokedAt ? (
                  <Pill tone="bad">revoked</Pill>
                ) : token.expiresAt ? (
                  <Ago at={token.expiresAt} />
                ) : (
                  'never'
                )}
              </td>
              <td>
                {!token.revokedAt && (
                  <Button aria-label={`Revoke ${token.name}`} onClick={() => setRevoked(token)}>
                    Revoke
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {isMaking && <NewToken onClose={() => setMaking(false)} />}
      {revoked && (
        <ConfirmDialog
          title={`Revoke ${revoked.name}?`}
          confirm="Revoke"
          isDangerous
          isBusy={revoking.isPending}
          onConfirm={() => void revoke()}
          onClose={() => setRevoked(undefined)}
        >
          <p>It stops working within a minute, and never works again.</p>
          <ProblemNote error={revoking.problem} />
        </ConfirmDialog>
      )}
    </div>
  );
};
export default TokensPage;
