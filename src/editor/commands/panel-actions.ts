import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { SoupError } from '../../errors';
import { listRuns, logPath } from '../../runs/run-directory';
import type { PanelActions } from '../panels/open-panel';
import type { CreateSoup } from './create-soup';

/** What the buttons of the panels do. */
export function panelActions(createSoup: CreateSoup, log: vscode.LogOutputChannel): PanelActions {
  return {
    async createSoup({ experimentDirectory, name }, weights) {
      if (experimentDirectory === null) throw new SoupError('NoExpertsError', `${name} is a table of results: it does not say where the experts are. Choose them in the Checkpoints view instead.`);
      const paths = Object.keys(weights).map((expert) => path.join(experimentDirectory, 'experts', expert));
      await createSoup.create(paths, weights);
    },
    async openLog({ experimentDirectory }, run) {
      const runs = experimentDirectory === null ? [] : await listRuns(experimentDirectory);
      const file = runs.filter(({ record }) => record.name === run).map(({ directory }) => logPath(directory)).find((candidate) => existsSync(candidate));
      if (file) await vscode.window.showTextDocument(vscode.Uri.file(file));
      else log.show();
    },
    async exportFile({ experimentDirectory, results }, { name, format, content }) {
      const folder = experimentDirectory ?? path.dirname(results);
      const target = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.file(path.join(folder, `${name}.${format}`)), filters: { [format.toUpperCase()]: [format] } });
      if (!target) return;
      await vscode.workspace.fs.writeFile(target, Buffer.from(content, format === 'png' ? 'base64' : 'utf8'));
      log.info(`Exported ${target.fsPath}.`);
    },
  };
}
