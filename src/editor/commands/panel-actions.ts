import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { vertexOf } from '../../analysis/simplex';
import { SoupError } from '../../errors';
import { listRuns, logPath } from '../../runs/run-directory';
import type { BlendPanels } from '../blend-panel/blend-panels';
import type { CheckpointIndex } from '../checkpoint-tree/checkpoint-index';
import type { InspectorView } from '../inspector/inspector-view';
import { selectedCheckpoint } from '../inspector/selected-checkpoint';
import type { PanelActions } from '../panels/open-panel';
import { localFileNeeded } from './local-path';
import { saveExport } from './save-export';

/** What the buttons of the panels do. */
export function panelActions(blends: BlendPanels, checkpoints: CheckpointIndex, inspector: InspectorView, log: vscode.LogOutputChannel): PanelActions {
  const { copies } = checkpoints;
  return {
    async createSoup({ experimentDirectory, name }, weights) {
      if (experimentDirectory === null) throw new SoupError('NoExpertsError', l10n.t('{0} is a table of results: it does not say where the experts are. Choose them in the Checkpoints view instead.', name));
      if (copies.isCopy(experimentDirectory)) throw localFileNeeded(copies.shown(experimentDirectory));
      const paths = Object.keys(weights).map((expert) => path.join(experimentDirectory, 'experts', expert));
      await blends.show(paths, weights);
    },
    async openLog({ experimentDirectory }, run) {
      const runs = experimentDirectory === null ? [] : await listRuns(experimentDirectory);
      for (const { directory } of runs.filter(({ record }) => record.name === run)) {
        if (await copies.stat(logPath(directory))) return void (await vscode.window.showTextDocument(copies.uriOf(logPath(directory))));
      }
      vscode.window.setStatusBarMessage(l10n.t('{0} has written no log: this is what the extension says of it.', run), 4000);
      log.show();
    },
    async inspect({ experimentDirectory }, { selection, isAskedFor }) {
      const found = experimentDirectory === null ? null : await selectedCheckpoint(experimentDirectory, selection, checkpoints);
      if (found !== null && isAskedFor) inspector.reveal();
      if (found === null) vscode.window.setStatusBarMessage('weights' in selection && vertexOf(selection.weights) === null ? l10n.t('Nothing to inspect: no soup with this λ is on the disk. Create soup… makes it.') : l10n.t('Nothing to inspect: no weights of this selection are on the disk.'), 4000);
      else if (found !== inspector.inspected) await inspector.inspect(found);
    },
    exportFile: ({ experimentDirectory, results }, file) => saveExport(copies.uriOf(experimentDirectory ?? path.dirname(results)), file, log),
  };
}
