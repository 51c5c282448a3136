/**
 * Trigger: the HTTP API, before every route that is not public.
 * Promise: tells who holds the request's token, and never refuses by itself: each refusal is the api function's, as
 * a problem with a reason. What cannot be read opens nothing. A revoked token opens nothing within 60 seconds.
 * A duplicate request is answered alike; the note of a token's last use is written at most once an hour.
 */
import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { bearerIn, createAuthenticator } from '../../shared/access/index.ts';
import { openSecret } from '../../shared/platform/aws/secret.aws.ts';
import { toAuthorizerContext } from '../../shared/platform/edge/http-caller.ts';
import { prepare } from '../../shared/platform/edge/tools.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

const prepared = prepare(contract, { state: openTable, adminToken: openSecret });
let authenticate: ReturnType<typeof createAuthenticator> | undefined;

const nobody = (authenticated: 'false' | 'unknown') => ({
  isAuthorized: true,
  context: { authenticated, principal: '', scopes: '', deployments: '[]' },
});

type AuthorizerEvent = Pick<APIGatewayRequestAuthorizerEventV2, 'headers'> &
  Partial<Pick<APIGatewayRequestAuthorizerEventV2, 'requestContext'>>;

export const handler = async (event: AuthorizerEvent) => {
  const { resources, clock, log } = prepared(event.requestContext?.requestId);
  authenticate ??= createAuthenticator({
    state: resources.state,
    readAdminToken: () => resources.adminToken.read(),
    clock,
    onUnnoted: (error) => log.warn('the last use of a token was not noted', { error: error as Error }),
  });
  const token = bearerIn(event.headers?.authorization);
  if (token === undefined) return nobody('false');
  try {
    const caller = await authenticate(token);
    return caller ? { isAuthorized: true, context: { ...toAuthorizerContext(caller) } } : nobody('false');
  } catch (error) {
    log.error('tokens cannot be read', { error: error as Error });
    return nobody('unknown');
  }
};
