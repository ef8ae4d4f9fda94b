export interface PageParts {
  /** name of the bundle: a PanelKind or `inspector` */
  readonly panel: string;
  readonly title: string;
  readonly scriptUri: string;
  /** null where the bundle has no style sheet of its own */
  readonly styleUri: string | null;
  /** `webview.cspSource` */
  readonly cspSource: string;
  /** fresh for every page */
  readonly nonce: string;
  /** the editor's language, with its texts by their English ones; null where they are English */
  readonly translation: { readonly language: string; readonly texts: object } | null;
}

/**
 * The page of a webview: one script, allowed by its nonce alone, and no code evaluation. Inline styles stay allowed
 * because the toolkit's controls and Vega's tooltips set them.
 */
export function pageHtml({ panel, title, scriptUri, styleUri, cspSource, nonce, translation }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'unsafe-inline'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data: blob:`,
  ].join('; ');
  const style = styleUri === null ? '' : `\n    <link rel="stylesheet" href="${escapeHtml(styleUri)}">`;
  // a block of data, which no policy runs; webviews/kit/localisation.ts reads it
  const texts = translation === null ? '' : `\n    <script type="application/json" id="texts">${JSON.stringify(translation.texts).replaceAll('<', '\\u003c')}</script>`;
  return `<!DOCTYPE html>
<html lang="${escapeHtml(translation?.language ?? 'en')}">
  <head>
    <meta charset="UTF-8">
    <meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)}</title>${style}
  </head>
  <body data-panel="${escapeHtml(panel)}">
    <main id="root"></main>${texts}
    <script nonce="${nonce}" src="${escapeHtml(scriptUri)}"></script>
  </body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
