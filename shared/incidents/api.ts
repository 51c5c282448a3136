/** What the API function and the command line need of incidents, mutes and settings, schemas included; never on a lean function's path. */
export { commandWorldOf } from './command-world.ts';
export {
  type MaintenanceDefinition,
  maintenanceIdOf,
  putMaintenance,
  withdrawMaintenance,
} from './define-maintenance.ts';
export {
  type DefinedSettings,
  putSettings,
  requireSoundSettings,
  resolveSettings,
} from './define-settings.ts';
export { createSilence, type DefinedMute, type SilenceInput } from './define-silence.ts';
export { requireMuteReach } from './mute-input.ts';
export { type MaintenanceInput, maintenanceSchema, maintenanceViewSchema } from './mute-model.ts';
export { resolveMaintenance } from './resolve-maintenance.ts';
export { type AlertingInput, alertingSchema, alertingViewSchema } from './settings-model.ts';
export { writtenMute } from './write-mute.ts';
export { type WrittenMaintenance, writtenMaintenance } from './written-maintenance.ts';
export { type WrittenSettings, writtenSettings } from './written-settings.ts';
