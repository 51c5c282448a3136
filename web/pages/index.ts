import { audit } from './audit/index.ts';
import { channels } from './channels/index.ts';
import { checks } from './checks/index.ts';
import { deployments } from './deployments/index.ts';
import { findings } from './findings/index.ts';
import { incidents } from './incidents/index.ts';
import { maintenance } from './maintenance/index.ts';
import { overview } from './overview/index.ts';
import type { Page } from './page.ts';
import { policies } from './policies/index.ts';
import { remediations } from './remediations/index.ts';
import { rules } from './rules/index.ts';
import { settings } from './settings/index.ts';
import { silences } from './silences/index.ts';
import { statusPages } from './status-pages/index.ts';
import { tokens } from './tokens/index.ts';

/** Every page, in the order of the navigation. A later capability adds its folder and its line here. */
export const pages: readonly Page[] = [
  overview,
  incidents,
  checks,
  deployments,
  rules,
  channels,
  silences,
  maintenance,
  remediations,
  policies,
  findings,
  statusPages,
  settings,
  tokens,
  audit,
];
