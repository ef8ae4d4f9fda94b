import * as l10n from '@vscode/l10n';
import type { Check } from '../../src/protocol/check';
import { panelReader, targetOfState, type PanelState } from '../../src/protocol/panel-messages';
import type { FromPanel, PanelKind, PanelSelection, PanelTarget, SnapshotOf, ToPanel } from '../../src/protocol/panels';
import type { ChartTheme } from '../../src/charts/theme';
import { vegaChart, type ChartFactory } from './chart';
import { progressRing } from './controls';
import { element, setText } from './element';
import { connectHost, type Host } from './host';
import { openPage } from './page';
import { readTheme, watchTheme } from './theme';

export interface PanelContext<V extends object> {
  readonly chart: ChartFactory;
  readonly post: (message: FromPanel) => void;
  /** whether it is known where the weights of the points are */
  readonly hasCheckpoints: () => boolean;
  /** Lets the inspector follow, where there is something to inspect. */
  readonly inspect: (selection: PanelSelection, isAskedFor: boolean) => void;
  readonly theme: () => ChartTheme;
  readonly choices: () => V;
  /** Keeps a choice over reloads; draw again yourself. */
  readonly choose: (change: Partial<V>) => void;
}

export interface Panel<K extends PanelKind> {
  readonly element: HTMLElement;
  /** Draws a snapshot; called for each new one, and again with the same one when the theme has changed. */
  update(snapshot: SnapshotOf[K], target: PanelTarget): void;
}

/** A panel: its choices before the reader has made any, and what builds it. */
export interface PanelDefinition<K extends PanelKind, V extends object> {
  readonly kind: K;
  readonly initial: V;
  /** choices that an earlier version of the panel has kept may be others: then the initial ones are taken */
  readonly isView: Check<V>;
  create(context: PanelContext<V>): Panel<K>;
}

export interface MountOptions<K extends PanelKind> {
  readonly root: HTMLElement;
  readonly host: Host<ToPanel<K>, FromPanel>;
  readonly chart: ChartFactory;
}

/**
 * Runs a panel in the page: restores its choices, asks the host for data, keeps the last snapshot on screen when a later
 * one fails, and follows the colour theme.
 */
export function mountPanel<K extends PanelKind, V extends object>(definition: PanelDefinition<K, V>, { root, host, chart }: MountOptions<K>): void {
  const saved = host.savedState();
  let target = targetOfState(saved);
  const kept: unknown = target && { ...definition.initial, ...((saved as PanelState).view as Partial<V>) };
  let choices = definition.isView(kept) ? kept : definition.initial;
  let latest: SnapshotOf[K] | null = null;
  let hasCheckpoints = false;

  const save = (): void => {
    if (target) host.saveState({ version: 1, ...target, view: choices } satisfies PanelState);
  };
  const context: PanelContext<V> = {
    chart,
    post: host.post,
    hasCheckpoints: () => hasCheckpoints,
    inspect(selection, isAskedFor) {
      if (hasCheckpoints) host.post({ type: 'inspect', selection, isAskedFor });
    },
    theme: () => readTheme(),
    choices: () => choices,
    choose(change) {
      choices = { ...choices, ...change };
      save();
    },
  };
  const panel = definition.create(context);
  const failure = element('div', { class: 'failure', attributes: { role: 'alert', hidden: true } });
  const waiting = element('div', { class: 'waiting', attributes: { role: 'status' } }, progressRing(l10n.t('Loading')), l10n.t('Reading the runs…'));
  panel.element.hidden = true;
  root.replaceChildren(failure, waiting, panel.element);

  const show = (): void => {
    if (latest !== null && target) panel.update(latest, target);
  };
  const fail = (reason: string): void => {
    waiting.hidden = true;
    failure.hidden = false;
    setText(failure, latest === null ? reason : l10n.t('{0} Shown below is what was read before.', reason));
  };
  host.listen((message) => {
    if (message.type === 'failure') return fail(message.message);
    ({ target, hasCheckpoints, snapshot: latest } = message);
    failure.hidden = true;
    waiting.hidden = true;
    panel.element.hidden = false;
    document.title = target.title;
    save();
    show();
  }, () => fail(l10n.t('The editor sent what this panel does not understand: reload the window.')));
  watchTheme(show);
  host.post({ type: 'ready' });
}

/** Entry of every panel's script: the real editor, the real charts. */
export function startPanel<K extends PanelKind, V extends object>(definition: PanelDefinition<K, V>): void {
  mountPanel(definition, { root: openPage(), host: connectHost<ToPanel<K>, FromPanel>(panelReader(definition.kind)), chart: vegaChart });
}
