/*
 * Everything that package.json contributes, declared once: code names commands, views, settings and context keys through
 * these constants, and a unit test holds the manifest against them.
 */

/** Commands of the palette and the menus. */
export const commands = {
  createSoup: 'rewardedSoups.createSoup',
  newExperiment: 'rewardedSoups.newExperiment',
  openExample: 'rewardedSoups.openExample',
  runMerge: 'rewardedSoups.runMerge',
  inspectCheckpoint: 'rewardedSoups.inspectCheckpoint',
  revealCheckpoint: 'rewardedSoups.revealCheckpoint',
  refreshCheckpoints: 'rewardedSoups.refreshCheckpoints',
  filterCheckpoints: 'rewardedSoups.filterCheckpoints',
  clearCheckpointFilter: 'rewardedSoups.clearCheckpointFilter',
  sortCheckpoints: 'rewardedSoups.sortCheckpoints',
  showMoreCheckpoints: 'rewardedSoups.showMoreCheckpoints',
  refreshRuns: 'rewardedSoups.refreshRuns',
  runExperiment: 'rewardedSoups.runExperiment',
  train: 'rewardedSoups.train',
  sweep: 'rewardedSoups.sweep',
  report: 'rewardedSoups.report',
  stopRun: 'rewardedSoups.stopRun',
  resumeRun: 'rewardedSoups.resumeRun',
  openRunLog: 'rewardedSoups.openRunLog',
  revealRun: 'rewardedSoups.revealRun',
  showRewardCurves: 'rewardedSoups.showRewardCurves',
  showLmcCheck: 'rewardedSoups.showLmcCheck',
  showSpiderMap: 'rewardedSoups.showSpiderMap',
  showFront: 'rewardedSoups.showFront',
  showStudy: 'rewardedSoups.showStudy',
  showLog: 'rewardedSoups.showLog',
} as const;
export type CommandId = (typeof commands)[keyof typeof commands];

/** The activity bar's container and the views in it. */
export const viewContainer = 'rewardedSoups';
export const views = {
  checkpoints: 'rewardedSoups.checkpoints',
  runs: 'rewardedSoups.runs',
  inspector: 'rewardedSoups.inspector',
} as const;

/** Context keys that `when` clauses of the manifest look at. */
export const contextKeys = {
  checkpointsFiltered: 'rewardedSoups.checkpointsFiltered',
  /** folders that are checkpoints, for the Explorer's menu */
  checkpointFolders: 'rewardedSoups.checkpointFolders',
  /** YAML files that are known to be mergekit configurations: see mergekit-language/known-files.ts */
  mergekitFiles: 'rewardedSoups.mergekitFiles',
  /** what there is among the runs, for the palette: see run-tree/run-context.ts */
  hasRuns: 'rewardedSoups.hasRuns',
  hasStudies: 'rewardedSoups.hasStudies',
  isRunning: 'rewardedSoups.isRunning',
  isResumable: 'rewardedSoups.isResumable',
} as const;

/** Editors for files of a kind. */
export const customEditors = {
  safetensors: 'rewardedSoups.safetensors',
} as const;

/** Settings below `rewardedSoups.`; the types are what `settingsOf` in settings.ts gives. */
export const settings = {
  jobs: 'jobs',
  backend: 'backend',
  notifications: 'notifications',
} as const;
export const settingsSection = 'rewardedSoups';

export const backendSettings = ['experiment', 'auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendSetting = (typeof backendSettings)[number];

export const notificationSettings = ['all', 'errors', 'none'] as const;
export type NotificationSetting = (typeof notificationSettings)[number];

/** `viewItem` of tree items: what the menus' `when` clauses look at. */
export const treeItems = {
  checkpoint: 'checkpoint',
  brokenCheckpoint: 'checkpoint.broken',
  /** of another file system, readable or not */
  virtualCheckpoint: 'checkpoint.virtual',
  checkpointGroup: 'checkpointGroup',
  experiment: 'experiment',
  activeExperiment: 'experiment.active',
  doneExperiment: 'experiment.done',
  study: 'study',
  activeStudy: 'study.active',
  doneStudy: 'study.done',
  run: 'run',
  activeRun: 'run.active',
  doneRun: 'run.done',
} as const;

/** Type of a panel's webview, by which VS Code restores it after a reload. */
export function panelViewType(panel: string): string {
  return `rewardedSoups.${panel}`;
}

/** The panel that makes a soup of checkpoints. */
export const blendPanelViewType = panelViewType('blend');

export const outputChannelName = 'Rewarded Soups';
