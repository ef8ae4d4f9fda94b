import { config } from '@vscode/l10n';
import { l10n } from 'vscode';

/*
 * The texts of the editor's language, where there is a translation: l10n/bundle.l10n.<language>.json. Imported before
 * everything else, because tables of texts are made as their modules are loaded. What the command line says too, such as
 * the problems of a file, is English.
 */
if (l10n.bundle) config({ contents: l10n.bundle });
