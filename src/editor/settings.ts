import * as vscode from 'vscode';
import { backendSettings, notificationSettings, settings, settingsSection, type BackendSetting, type NotificationSetting } from './contributions';

export interface Settings {
  /** trainings side by side; 0 leaves it to the pipeline */
  readonly jobs: number;
  readonly backend: BackendSetting;
  readonly notifications: NotificationSetting;
}

/** The user's settings as they stand now; a value that the manifest does not allow reads as the default. */
export function readSettings(): Settings {
  const section = vscode.workspace.getConfiguration(settingsSection);
  const jobs = section.get<number>(settings.jobs, 0);
  return {
    jobs: Number.isInteger(jobs) && jobs > 0 ? jobs : 0,
    backend: oneOf(backendSettings, section.get(settings.backend)),
    notifications: oneOf(notificationSettings, section.get(settings.notifications)),
  };
}

/** The first of the allowed values is the default. */
function oneOf<T extends string>(allowed: readonly T[], value: unknown): T {
  return allowed.find((entry) => entry === value) ?? allowed[0]!;
}
