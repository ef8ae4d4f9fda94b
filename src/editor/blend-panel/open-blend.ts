import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { CheckpointWorker } from '../../checkpoint/worker/work';
import { SoupError } from '../../errors';
import type { BlendDraft } from '../../merge/blend-draft';
import type { BlendWorker } from '../../merge/blend-worker/work';
import { readFromBlendPanel, type FromBlendPanel, type ToBlendPanel } from '../../protocol/blend-panel';
import { resultsPath } from '../../runs/run-directory';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import type { CheckpointView } from '../checkpoint-tree/checkpoint-view';
import { experimentOfPath } from '../checkpoint-tree/groups';
import { commands } from '../contributions';
import { findBase } from '../inspector/find-base';
import { Pace } from '../pace';
import { onPageMessage, postToPage } from '../panels/page-messages';
import { addToSweep } from './add-to-sweep';
import { baseChoice, listedBases } from './base-choices';
import { blendSetup, type OpenedSetup } from './blend-setup';
import { chooseBase, chooseOnDisk } from './choose-base';
import { DraftForecasts } from './draft-forecasts';
import { blendTitle } from './blend-title';
import { proposedName } from './draft-names';
import { bestForPreference } from './preference';
import { PreviewSession } from './preview-session';
import type { Reader } from '../reader/work';
import type { LanguageWorker } from '../yaml-language/worker/work';
import { saveSoup } from './save-soup';

export interface BlendServices {
  readonly checkpoints: CheckpointIndex;
  readonly view: CheckpointView;
  readonly log: vscode.LogOutputChannel;
  /** makes the soups of all panels, one after another; closing a panel does not end it */
  readonly saver: BlendWorker;
  /** reads headers and results for all panels */
  readonly reader: Reader;
  /** parses experiment files for all panels */
  readonly linguist: LanguageWorker;
  newForecaster(): BlendWorker;
  newMeasurer(): CheckpointWorker;
}

/** how often results of a sweep are read again while it goes on */
const sweepIntervalMs = 1000;

const untrusted = (): SoupError => new SoupError('UntrustedWorkspaceError', l10n.t('Soups are written only in a trusted workspace: choose Manage Workspace Trust first.'));

/** One blend panel at work: answers what its page asks. Everything that reads checkpoints or results runs in threads. */
export class OpenBlend implements vscode.Disposable {
  private opened: OpenedSetup | null = null;
  private setup: Extract<ToBlendPanel, { readonly type: 'setup' | 'failure' }> | null = null;
  private readonly forecaster: BlendWorker;
  private readonly measurer: CheckpointWorker;
  private foundBase: ToBlendPanel | null = null;
  private isReady = false;
  private readonly ended = new AbortController();
  private readonly forecasts: DraftForecasts;
  private saving: AbortController | null = null;
  private preview: PreviewSession | null = null;
  private watcher: vscode.FileSystemWatcher | null = null;
  private readonly subscriptions: vscode.Disposable[] = [];

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly paths: readonly string[],
    private weights: Readonly<Record<string, number>> | null,
    private readonly services: BlendServices,
  ) {
    this.forecaster = services.newForecaster();
    this.measurer = services.newMeasurer();
    this.forecasts = new DraftForecasts(this.forecaster, this.measurer, services.newForecaster, services.log, (message) => this.post(message));
    this.subscriptions.push(onPageMessage(panel.webview, readFromBlendPanel, () => panel.title, services.log, (message) => this.receive(message)), vscode.workspace.onDidGrantWorkspaceTrust(() => this.open()));
    this.followSweep();
    void this.open().then(() => this.listAllBases()).then(() => this.lookForBase());
  }

  /** Puts weights, by expert name, into a panel that is open. */
  offer(weights: Readonly<Record<string, number>>): void {
    this.weights = weights;
    void this.open();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.forecasts.dispose();
    this.preview?.close();
    this.ended.abort();
    void this.forecaster.dispose();
    void this.measurer.dispose();
  }

  private async open(): Promise<void> {
    const { checkpoints } = this.services;
    try {
      await checkpoints.started();
      this.opened = await blendSetup(this.paths, this.weights, checkpoints, this.services, { shownFolder: (folder) => vscode.workspace.asRelativePath(folder), isTrusted: vscode.workspace.isTrusted });
      const { setup, draft } = this.opened;
      this.panel.title = blendTitle(setup.inputs.map(({ name }) => name));
      this.setup = { type: 'setup', setup, draft, isFresh: this.weights !== null };
      this.weights = null;
      this.show();
    } catch (error) {
      this.setup = { type: 'failure', message: messageOf(error) };
      this.show();
      this.services.log.warn(`Create Soup: ${messageOf(error)}`);
    }
  }

  /** A large workspace is not read through when the panel opens: what is found later may be a base too. */
  private async listAllBases(): Promise<void> {
    const found = await this.services.checkpoints.loaded().catch(() => []); // the log has why
    const known = this.opened?.setup.bases.length ?? 0;
    if (this.opened && !this.ended.signal.aborted && listedBases(this.opened.summaries, found).length > known) await this.open();
  }

  /** The base that the experts name, where it is in the workspace; found by its hash, so it may take a while. */
  private async lookForBase(): Promise<void> {
    const at = this.opened?.summaries.findIndex(({ role }) => role !== 'base') ?? -1;
    if (!this.opened || at < 0) return;
    const { headers, summaries } = this.opened;
    const sha256 = (base: string): Promise<string> => this.measurer.run({ kind: 'sha256', checkpoint: base }, { signal: this.ended.signal });
    const found = await this.services.checkpoints.bases().then((bases) => findBase(headers[at]!.origin, summaries[at]!, bases, sha256)).catch(() => null);
    if (found === null || !('base' in found)) return;
    this.foundBase = { type: 'base', choice: baseChoice(found.base), isFound: true };
    if (this.isReady) this.post(this.foundBase);
  }

  /** Posts what the page starts from; weights that were asked for are put into it once. */
  private show(): void {
    if (!this.setup || !this.isReady) return;
    this.post(this.setup);
    if (this.foundBase) this.post(this.foundBase);
    this.preview?.replay();
    if (this.setup.type === 'setup') this.setup = { ...this.setup, isFresh: false };
  }

  private post(message: ToBlendPanel): void {
    void postToPage(this.panel, message, () => this.panel.title, this.services.log);
  }

  private async receive(message: FromBlendPanel): Promise<void> {
    try {
      await this.answer(message);
    } catch (error) {
      this.services.log.error(error instanceof Error ? error : String(error));
      this.post({ type: 'told', message: messageOf(error), isProblem: true });
    }
  }

  private async answer(message: FromBlendPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.forecasts.forget();
        this.isReady = true;
        return this.show();
      case 'draft':
        return this.opened ? this.forecasts.forecast(this.opened, message.id, this.own(message.draft)) : undefined;
      case 'measure':
        return this.opened ? this.forecasts.measure(this.opened, this.own(message.draft)) : undefined;
      case 'choose-base':
        return this.chooseBase();
      case 'choose-fisher':
        return this.chooseFisher(message.input);
      case 'prefer':
        return this.post(await bestForPreference(this.paths, this.opened?.setup.inputs.map(({ name }) => name) ?? [], message.expression, this.services.reader));
      case 'save':
        return this.save(message.draft, message.name);
      case 'copy':
        return this.copy(message);
      case 'add-to-sweep':
        return this.addToSweep(message.weights);
      case 'open-preview':
        return this.openPreview(message.draft);
      case 'preview-text':
      case 'preview-episodes':
        return this.preview?.ask(message);
      case 'close-preview':
        this.preview?.close();
        this.preview = null;
        return this.post({ type: 'preview-closed', problem: null });
      case 'inspect':
        return void vscode.commands.executeCommand(commands.inspectCheckpoint, vscode.Uri.file(message.path));
      case 'reveal':
        return void vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(message.path));
      case 'stop':
        this.saving?.abort();
        return this.forecasts.stopMeasuring();
    }
  }

  private async chooseBase(): Promise<void> {
    if (!this.opened) return;
    const chosen = await chooseBase(this.opened.summaries, this.services.checkpoints);
    if (chosen !== null) this.post({ type: 'base', choice: baseChoice(chosen), isFound: false });
  }

  private async chooseFisher(input: number): Promise<void> {
    const chosen = await chooseOnDisk(l10n.t('Choose the Fisher information'), path.dirname(this.paths[0]!));
    if (chosen !== null) this.post({ type: 'fisher', input, path: chosen });
  }

  private async save(draft: BlendDraft, wanted: string | null): Promise<void> {
    if (!vscode.workspace.isTrusted) throw untrusted();
    if (!this.opened || this.saving) return;
    this.saving = new AbortController();
    try {
      await saveSoup(this.opened, this.own(draft), wanted ?? proposedName(this.opened, draft), this.saving, this.services, (message) => this.post(message));
    } finally {
      this.saving = null;
    }
  }

  private async copy({ as, draft, name }: Extract<FromBlendPanel, { readonly type: 'copy' }>): Promise<void> {
    if (!this.opened) return;
    const output = path.join(this.opened.folder, name ?? proposedName(this.opened, draft));
    await vscode.env.clipboard.writeText(await this.forecaster.run({ kind: 'recipe', draft: this.own(draft), as, output }));
    this.post({ type: 'told', message: as === 'mergekit' ? l10n.t('The mergekit configuration is in the clipboard: soup merge makes the same weights of it.') : l10n.t('The command is in the clipboard.'), isProblem: false });
  }

  private async addToSweep(weights: readonly number[]): Promise<void> {
    const directory = experimentOfPath(this.paths[0]!);
    if (!this.opened || directory === null) return;
    if (!vscode.workspace.isTrusted) throw untrusted();
    const named = Object.fromEntries(this.opened.setup.inputs.map(({ name }, index) => [name, weights[index] ?? 0]));
    const file = await addToSweep(directory, named, this.services.linguist);
    this.post({ type: 'told', message: l10n.t('λ is in {0} now, and the sweep evaluates it; what was measured before stays.', file), isProblem: false });
  }

  /** Starts the process that holds the models; one that is there already is replaced. */
  private openPreview(draft: BlendDraft): void {
    if (!this.opened) return;
    if (!vscode.workspace.isTrusted) throw untrusted();
    this.preview?.close();
    this.preview = new PreviewSession(this.opened.setup.inputs, draft, (message) => this.post(message), (error) => this.services.log.warn(String(error)));
  }

  /** Shows what the sweep has measured, as it goes on. */
  private followSweep(): void {
    const directory = experimentOfPath(this.paths[0]!);
    if (directory === null || this.watcher) return;
    this.watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(path.dirname(resultsPath(directory))), path.basename(resultsPath(directory))));
    const pace = new Pace(() => this.open(), sweepIntervalMs, (error) => this.services.log.warn(String(error)));
    this.subscriptions.push(pace, this.watcher, this.watcher.onDidCreate(() => pace.request()), this.watcher.onDidChange(() => pace.request()));
  }

  /** The page's draft, of this panel's checkpoints. */
  private own(draft: BlendDraft): BlendDraft {
    return { ...draft, inputs: this.paths };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
