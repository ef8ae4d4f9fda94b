import * as l10n from '@vscode/l10n';
import type { Weights } from '../../src/analysis/simplex';
import type { PanelSelection } from '../../src/protocol/panels';
import { linkButton } from './controls';
import { element } from './element';
import type { PanelContext } from './panel';
import type { Column } from './table';

export interface PointActions {
  /** how the point is called in the links' names */
  readonly name: string;
  /** what the inspector shows of it */
  readonly selection: PanelSelection;
  /** λ of the soup that can be made of it; none where null */
  readonly weights: Weights | null;
}

export type ActionContext = Pick<PanelContext<object>, 'post' | 'hasCheckpoints' | 'inspect'>;

/** The column of a table with what can be done with its measured points; none where nothing can, for it is not known where their weights are. */
export function pointActions<Row>(actionsOf: (row: Row) => PointActions, context: ActionContext): Column<Row>[] {
  return context.hasCheckpoints() ? [{ title: l10n.t('Blend'), value: () => null, content: (row) => links(actionsOf(row), context), isActions: true }] : [];
}

function links({ name, selection, weights }: PointActions, { post, inspect }: ActionContext): HTMLElement {
  return element('span', { class: 'row-actions' },
    weights && linkButton({ label: l10n.t('Create soup…'), title: l10n.t('Create the soup {0}', name), onClick: () => post({ type: 'create-soup', weights }) }),
    linkButton({ label: l10n.t('Inspect'), title: l10n.t('Show {0} in the inspector', name), onClick: () => inspect(selection, true) }));
}
