import type { FunctionClient } from '../platform/aws/function.aws.ts';
import type { Workflows } from '../platform/aws/workflows.aws.ts';
import type { Table } from '../storage/table.ts';
import type { TellOrchestrator } from './orchestrator.ts';
import type { RemedyWorld } from './remedy-world.ts';

/** What answering to what happens needs. */
export type RespondWorld = RemedyWorld & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly telemetry: Pick<Table, 'batchGet'>;
  readonly planner: Pick<FunctionClient, 'invoke'>;
  readonly workflows: Pick<Workflows, 'start' | 'answer'>;
  readonly tellOrchestrator: TellOrchestrator;
};
