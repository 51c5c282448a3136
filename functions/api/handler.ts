/**
 * Trigger: every route of the route table that names `api`, and every path that no route names.
 * Promise: answers each request as the table says; what it wrote is written whole, with its events, or not at all.
 * A duplicate: reads and removals are the same again, registering and applying change nothing, creating with the
 * same Idempotency-Key answers with what the first request made. A late one is decided on what is there then.
 */

import { routes } from '../../shared/platform/api/table.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openFunction } from '../../shared/platform/aws/function.aws.ts';
import { openParameters } from '../../shared/platform/aws/parameters.aws.ts';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { openSecret } from '../../shared/platform/aws/secret.aws.ts';
import { openWorkflows } from '../../shared/platform/aws/workflows.aws.ts';
import { onRoutes } from '../../shared/platform/edge/http.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

export const handler = onRoutes(
  contract,
  {
    state: openTable,
    telemetry: openTable,
    bus: openBus,
    slots: openQueue,
    vpcSlots: openQueue,
    incidents: openQueue,
    linkKey: openSecret,
    checkSecrets: openParameters,
    tester: openFunction,
    vpcTester: openFunction,
    planner: openFunction,
    workflows: openWorkflows,
  },
  routes,
  (resources) => resources,
);
