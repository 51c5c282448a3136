import { composite } from './composite.ts';
import { dns } from './dns.ts';
import { grpc } from './grpc.ts';
import { heartbeat } from './heartbeat.ts';
import { http } from './http.ts';
import type { CheckKind } from './kind.ts';
import { lambda } from './lambda.ts';
import { mysql } from './mysql.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { resource } from './resource.ts';
import { tcp } from './tcp.ts';
import { tls } from './tls.ts';
import { websocket } from './websocket.ts';

/** Every kind of check: a file here and a line in this list. */
export const checkKinds = {
  http,
  tcp,
  tls,
  dns,
  websocket,
  grpc,
  lambda,
  mysql,
  postgres,
  redis,
  resource,
  heartbeat,
  composite,
} as const satisfies Record<string, CheckKind>;
